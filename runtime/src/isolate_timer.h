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
/// Ends the state timeout `level` of a state that is left: running, or over and not yet handled.
/// Its timer stays armed for the next one. A flat machine has level 0 only, or none.
void leave_after(ShardParts& shard, TypeBlock& type, std::uint32_t slot, std::uint8_t level);
/// The same where the isolate ends, and the timer with it.
void cancel_after(ShardParts& shard, TypeBlock& type, std::uint32_t slot, std::uint8_t level);
/// The state entered has the timeout `after_ns` at `level`, 0: none; what the one left had there
/// ends. A timer that is armed for no later time stays where it is, and is armed again when it
/// fires: an isolate that goes from state to state touches the wheel once in the shortest timeout.
void start_after(ShardParts& shard, TypeBlock& type, std::uint32_t slot, std::int64_t after_ns,
                 std::uint8_t level);
/// Starts the `every` timers of an isolate whose init has returned.
void start_periodic_timers(ShardParts& shard, TypeBlock& type, std::uint32_t slot);
/// Ends all named timers of an isolate that ends. O(timers of the isolate).
void cancel_named_timers(ShardParts& shard, TypeBlock& type, std::uint32_t slot);

}  // namespace tina::internal
