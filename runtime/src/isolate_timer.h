// SPDX-License-Identifier: Apache-2.0
// The timers of an isolate: the timeouts of its states and the named ones. Each has a node of the
// shard's wheel and a result record of its own, so that firing needs no place in a mailbox.
// Invariants: a timer never fires early; a left state's timeout is never handled; a periodic timer
// that is not handled in time coalesces and counts what it missed. Owned by the shard's thread;
// O(1) each.
#pragma once

#include "src/isolate.h"

namespace tina::internal {

/// The first tick at which `delay_ns` has fully passed: a timer never fires early.
std::uint64_t tick_after(const ShardParts& shard, std::int64_t delay_ns);
/// Ends the state timeout `level` of a state that is left: armed, or fired and not yet handled. A
/// flat machine has level 0 only, or none.
void cancel_after(ShardParts& shard, TypeBlock& type, std::uint32_t slot, std::uint8_t level);
/// Arms it for a state that is entered, if that has one.
void arm_after(ShardParts& shard, TypeBlock& type, std::uint32_t slot, const StateTable& state,
               std::uint8_t level);
/// Starts the `every` timers of an isolate whose init has returned.
void start_periodic_timers(ShardParts& shard, TypeBlock& type, std::uint32_t slot);
/// Ends all named timers of an isolate that ends. O(timers of the isolate).
void cancel_named_timers(ShardParts& shard, TypeBlock& type, std::uint32_t slot);

}  // namespace tina::internal
