// SPDX-License-Identifier: Apache-2.0
// Messages that hold what moves: blocks (tina/block.h), which never leave their shard, or a
// connection, which may. What a plain message does not need is all here, out of its way.
// Invariants: a message that was queued has what it holds and its sender's copy has nothing; one
// that was refused has given nothing away; a message that is dropped, wherever, gives its blocks
// back and closes its connection. Runs on the shard's thread.
#pragma once

#include <new>
#include <type_traits>

#include "tina/block.h"
#include "tina/context.h"
#include "tina/route.h"

namespace tina::internal {

/// A message whose blocks and whose connection are to be moved with it.
struct OwnedMessage {
  std::byte* bytes;
  std::uint32_t size;
  std::uint16_t tag;
};

/// Queues a message for an isolate. One with blocks finds nobody on another shard; one with a
/// connection goes there by the channel. A handle that is not the running isolate's ends that:
/// `stale_buffer`, `stale_stream`. O(size).
SendResult send_moved(ShardCore& core, TypeId type, Handle to,
                      const OwnedMessage& message) noexcept;
/// The same for a child.
SendResult send_moved(ShardCore& core, TypeId type, ChildAddress to,
                      const OwnedMessage& message) noexcept;

/// Ends the running isolate: it has no such connection.
[[noreturn]] void stale_stream(ShardCore& core) noexcept;

/// Whether the blocks of init arguments are the running isolate's; ends it otherwise.
void check_init_blocks(ShardCore& core, TypeId type, const void* arguments) noexcept;
/// Makes those of the arguments in a reserved slot the slot's.
void adopt_init_blocks(ShardCore& core, TypeId type, std::uint32_t slot) noexcept;

/// The message of an entry is about to be handled: what it holds is the handler's.
void hold_message(ShardCore& core, TypeBlock& type, EntryHeader* entry) noexcept;
/// The same for the init arguments of a slot.
void hold_init(ShardCore& core, TypeBlock& type, std::uint32_t slot) noexcept;
/// Nobody handles the message of an entry: its blocks go back, its connection is closed.
void drop_message(ShardCore& core, TypeBlock& type, const EntryHeader* entry) noexcept;
/// Takes back what the handler has left.
void reclaim_held(ShardCore& core) noexcept;

/// Gives a block to the running handler. O(1).
inline void hold_block(ShardCore& core, std::uint32_t block) {
  BlockRecord& record = core.blocks[block];
  record.holder = Holder::kHandler;
  record.previous = kNoBuffer;
  record.next = core.held;
  if (core.held != kNoBuffer) core.blocks[core.held].previous = block;
  core.held = block;
}

/// A contract with messages that hold what moves, or whose handlers can have blocks.
template <class C>
concept Owns = requires { C::kOwning; };

template <class Message>
OwnedMessage owned(Message& message, std::uint16_t tag) {
  static_assert(std::is_trivially_destructible_v<Message>);
  return {reinterpret_cast<std::byte*>(&message), sizeof(Message), tag};
}

template <class Message>
SendResult send_owned(ShardCore& core, TypeId type, Handle to, std::uint16_t tag,
                      Message& message) noexcept {
  return send_moved(core, type, to, owned(message, tag));
}
template <class Message>
SendResult send_owned(ShardCore& core, TypeId type, ChildAddress to, std::uint16_t tag,
                      Message& message) noexcept {
  return send_moved(core, type, to, owned(message, tag));
}
/// The same for a receiver whose type is known at run time only, as send_any.
template <class Message, std::size_t kTypes>
SendResult send_any_owned(ShardCore& core, TypeId type, Handle to, const TagTable<kTypes>& tags,
                          Message& message) noexcept {
  const std::uint8_t tag = tags.of(index(type));
  if (tag == kNoTag) return SendResult::kDead;
  return send_moved(core, type, to, owned(message, tag));
}

/// The same to the child behind a route that `hash` picks, as send_route.
template <class Message>
SendResult send_route_owned(ShardCore& core, unsigned route, std::uint64_t hash, unsigned member,
                            Message& message) noexcept {
  const Routed to = find_route(core, route, hash, member);
  return to.found ? send_moved(core, to.type, to.address, owned(message, to.tag))
                  : SendResult::kDead;
}

/// The sizes of a context's blobs: those of its isolate's messages.
template <std::size_t kBytes, std::size_t... kDeclaredBytes>
concept OneSizeOf = ((kBytes == kDeclaredBytes) || ...);

/// Behind a generated `blob`.
template <std::size_t kBytes>
Blob<kBytes> blob_of(ShardCore& core) noexcept {
  return Blob<kBytes>(take_blob(core, kBytes));
}

}  // namespace tina::internal
