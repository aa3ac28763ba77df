// SPDX-License-Identifier: Apache-2.0
// Calls: the caller's record of each, the way of its answer, and the calls that a server has taken
// to answer later. Invariants: a call that was started ends exactly once, by a reply, its limit, a
// rejection or by being abandoned; its correlation grows with that end, so that what comes later is
// known as late; an answer goes straight into the caller's record, never through a mailbox. Every
// call that reached another shard sends exactly one answer back, in the place that was promised for
// it. Owned by the shard's thread; O(1) each unless said otherwise.
#pragma once

#include "src/isolate.h"
#include "tina/call.h"

namespace tina::internal {

/// Abandons the calls of which `listed` lacks an end. O(calls of the slot).
void abandon_calls(TypeBlock& type, std::uint32_t slot, std::uint64_t listed);
/// The limit of the slot's call number `call` has passed.
void call_limit_passed(ShardParts& shard, TypeBlock& type, std::uint32_t slot, unsigned call);
/// The limit of the slot's open call `place` has passed: nobody can answer it any more.
void open_limit_passed(ShardParts& shard, TypeBlock& type, std::uint32_t slot, unsigned place);
/// Ends all that a slot has to do with calls, because its isolate ends. O(calls + open calls).
void end_calls(ShardParts& shard, TypeBlock& type, std::uint32_t slot, Exit exit);

/// Tells the caller that its call has failed.
void fail_call(ShardParts& shard, const CallHeader& call, Failure why);
/// Where the results of a call of this shard go; null: too late, its caller has gone on.
std::byte* reply_place(ShardParts& shard, const CallHeader& call);
/// Ends a call of this shard in its caller's record, by a failure or by the results in its reply
/// place. False: too late; an answer that comes too late is counted.
bool finish_call(ShardParts& shard, const CallHeader& call, Failure why);
/// The failure of a call that has a reply.
inline constexpr auto kNoFailure = static_cast<Failure>(kReplied);

/// Queues a call for an isolate of this shard. Anything but kNoFailure: it was not.
Failure queue_call(ShardParts& shard, unsigned type, Handle to, std::uint16_t tag,
                   const CallHeader& call, const std::byte* request, std::uint32_t size);

/// Ends the calls towards a shard that has given up, a bounded number of slots per call of this.
/// True: there are more.
bool end_calls_towards(ShardParts& shard, ShardId peer, SlotCursor& cursor);

}  // namespace tina::internal
