// SPDX-License-Identifier: Apache-2.0
// Connections in messages: a listener's isolate hands over what it has accepted, also to another
// shard. Invariants: a connection has one holder, a message, the running handler
// (`transit_descriptor`) or an I/O object; it is closed where a message is that nobody takes; what
// has been put into a channel is the receiving shard's once that takes it off. Owned by the shard's
// thread.
#pragma once

#include "src/isolate.h"
#include "tina/owned.h"

namespace tina::internal {

/// The descriptor in a message; null: no connection stands in one with that tag.
inline std::int32_t* stream_of(const TypeTable& table, std::uint16_t tag, std::byte* message) {
  for (const BlockField& field : table.streams) {
    if (field.tag == tag) return reinterpret_cast<std::int32_t*>(message + field.offset);
  }
  return nullptr;
}

/// The running isolate has the connection in its message, if there is one; ends it otherwise.
void check_stream_of(ShardCore& core, const TypeTable& table, const OwnedMessage& message);
/// A message is queued, and the running handler's connection with it: the sender's copy has none.
void let_go_stream(ShardCore& core, const TypeTable& table, const OwnedMessage& message);
/// The connection in a message is the running handler's.
void hold_stream(ShardCore& core, const TypeTable& table, std::uint16_t tag, std::byte* message);
/// Nobody takes a message: its connection is closed, and counted.
void drop_stream(ShardParts& shard, const TypeTable& table, std::uint16_t tag, std::byte* message);

/// Puts a message into the channel to another shard, with its connection; `header` says whom it is
/// for. kDead: no channel, or nobody serves there any more.
SendResult hand_over(ShardCore& core, unsigned to, const RemoteHeader& header,
                     const OwnedMessage& message) noexcept;

/// A peer has ended and reads no more: closes the connections on their way to it.
void give_up_streams_to(ShardParts& shard, unsigned peer);
/// This shard has ended and runs no more: closes the connections that still wait in its mailboxes,
/// and, as far as their other end has ended too, in its channels. A peer that serves closes those
/// on their way here.
void give_up_streams(ShardParts& shard);

/// Connections in messages that wait on this shard. For tests: O(messages).
std::uint64_t streams_waiting(ShardParts& shard);

}  // namespace tina::internal
