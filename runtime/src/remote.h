// SPDX-License-Identifier: Apache-2.0
// What crosses from shard to shard over the rings: messages, calls, their answers, monitors and
// Downs. Invariants: whatever arrives is taken off its ring at once, delivered or answered with the
// reason why not, so that nothing blocks what is behind it; each call and each monitor towards
// another shard has a promised place in the ring back until its one answer has been read. Owned by
// the shard's thread.
#pragma once

#include "src/call.h"
#include "src/monitor.h"

namespace tina::internal {

/// A call by a route, with the child that its hash picks in place of the hash.
CallStart routed(const ShardParts& shard, const CallStart& start);

/// By path: `to` holds the address of a child, which is resolved where it lives.
enum class RemoteKind : std::uint8_t {
  kMessage,
  kMessageByPath,
  kCall,
  kCallByPath,
  kAnswer,
  kMonitor,
  kDemonitor,
  kDown,
};

/// What precedes everything in a ring.
struct RemoteHeader {
  std::uint64_t to;   ///< a handle or a child's address
  std::uint8_t type;  ///< of `to`
  RemoteKind kind;
  std::uint16_t tag;  ///< of a message or call; of an answer: record | failure << 8
  std::uint32_t size;
};
static_assert(sizeof(RemoteHeader) == 16);

/// What became of what was taken off a ring.
enum class Taken : std::uint8_t {
  kAccepted,  ///< it is in a mailbox
  kShed,      ///< a message that found no room, or nobody; counted here and shown to its sender
  kRejected,  ///< a call that did; its answer says so
  kNote,      ///< an answer, a Down, a monitor: it has its place
};

/// Takes one thing that another shard sent.
Taken deliver_remote(ShardParts& shard, unsigned from, const std::byte* data, std::uint32_t size);

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
