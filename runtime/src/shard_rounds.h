// SPDX-License-Identifier: Apache-2.0
// Who runs when in a pass. A round visits each isolate type that has something to run once, for as
// many calls as its weight gives it; a pass is one whole round or more, until its budget of calls
// or of time is spent. So each type that is busy runs in each pass, whatever the others do, and two
// types that always are share calls as their weights stand. Invariants: a round is never cut short;
// with slow handlers rounds become shorter by powers of two, all shares alike; who comes first
// changes with each pass that ends by its budget or takes messages of other shards. Owned by the
// shard's thread. Source: weighted round robin (Katevenis et al., 1991) with a quantum that adapts.
#pragma once

#include "src/isolate.h"

namespace tina::internal {

/// A pass begins no further round once it has made so many calls or taken so long.
inline constexpr std::uint32_t kCallsPerPass = 8192;
inline constexpr std::uint64_t kPassTimeNs = 1'000'000;
/// Calls of a type of weight 1 in a full round, as far as all types together stay within
/// kCallsPerPass; otherwise that many are shared out.
inline constexpr std::uint32_t kCallsPerWeight = 256;
/// Calls between two looks at the clock; fewer at a slower pace.
inline constexpr std::uint32_t kCallsPerLook = 256;
inline constexpr std::uint8_t kPaceMax = 8;

/// Gives each type its calls of a round. At boot.
void share_out(ShardParts& shard);
/// A pass begins. Looks at how long the last one took.
void begin_rounds(ShardParts& shard, std::uint64_t now_ns);
/// Runs handlers: rounds, until nothing is ready or the pass has spent its budget. Returns the
/// calls made.
std::uint32_t dispatch_ready(ShardParts& shard, const PassClock& clock = {});

}  // namespace tina::internal
