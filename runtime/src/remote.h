// SPDX-License-Identifier: Apache-2.0
// What crosses from shard to shard over the rings: messages, calls, their answers, monitors and
// Downs. Invariants: whatever arrives is taken off its ring at once, delivered or answered with the
// reason why not, so that nothing blocks what is behind it; each call and each monitor towards
// another shard has a promised place in the ring back until its one answer has been read. Owned by
// the shard's thread.
#pragma once

#include "src/call.h"
#include "src/monitor.h"
#include "tina/outbound.h"

namespace tina::internal {

/// A call by a route, with the child that its hash picks in place of the hash.
CallStart routed(const ShardParts& shard, const CallStart& start);

/// What precedes the results in an answer.
struct AnswerHeader {
  std::uint32_t correlation;
  std::uint32_t reserved;
};

/// About how many slots one pass takes off each ring.
inline constexpr std::uint32_t kRemotePerRing = 1024;

/// Takes what other shards have sent: messages and calls into mailboxes, the rest where it belongs.
/// Returns how much.
std::uint32_t drain_inbound(ShardParts& shard);

/// Sends a call to another shard and promises a place for its answer. Anything but kNoFailure: it
/// was not sent.
Failure send_call(ShardParts& shard, const CallStart& start, const CallHeader& call,
                  const std::byte* request);
/// Writes the answer to a call of another shard into its promised place; it exists once committed.
std::byte* reserve_answer(ShardParts& shard, const CallHeader& call, Failure why,
                          const void* results, std::uint32_t size);
void commit_answer(ShardParts& shard, const CallHeader& call);

/// Sends a monitor to the shard of the isolate that it watches and promises a place for its Down.
Failure send_monitor(ShardParts& shard, unsigned type, Handle target,
                     const MonitorMessage& message);
/// The same for a monitor's end; false: the ring is full.
[[nodiscard]] bool send_demonitor(ShardParts& shard, unsigned type, Handle target,
                                  const MonitorMessage& message);
/// Sends a Down into its promised place.
void send_down(ShardParts& shard, Handle watcher, unsigned watcher_type, std::uint16_t number,
               const DownMessage& message);

}  // namespace tina::internal
