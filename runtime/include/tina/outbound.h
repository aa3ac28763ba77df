// SPDX-License-Identifier: Apache-2.0
// What a handler writes when it sends to another shard: a message with what precedes it in a ring,
// at the end of the sender's half of that ring. In a header of its own, and public, so that a send
// is inline. Invariants: places behind `written` are the sender's until `room_until`; a message
// that is not committed does not exist. Owned by the sending shard's thread; src/ring.h is the rest
// of a ring, src/remote.h says what becomes of each kind.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tina/base.h"

namespace tina::internal {

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
  kHandOver,  ///< a message with a connection
  kHandOverByPath,
};

/// What precedes everything in a ring, in its first slot.
struct RemoteHeader {
  static constexpr std::uint32_t kSkip = 0xffff'ffff;

  std::uint64_t to;   ///< a handle or a child's address; of a skip marker: the slots that it takes
  std::uint8_t type;  ///< of `to`
  RemoteKind kind;
  std::uint16_t tag;   ///< of a message or call; of an answer: record | failure << 8
  std::uint32_t size;  ///< bytes of what follows; kSkip: nothing does, up to the end of the memory

  bool by_path() const {
    return kind == RemoteKind::kMessageByPath || kind == RemoteKind::kCallByPath ||
           kind == RemoteKind::kHandOverByPath;
  }
  bool hands_over() const {
    return kind == RemoteKind::kHandOver || kind == RemoteKind::kHandOverByPath;
  }
};
static_assert(sizeof(RemoteHeader) == 16);

/// Slots of a ring that a message of `size` bytes takes: the header shares the first.
constexpr std::uint32_t ring_slots(std::uint32_t size) {
  constexpr std::uint32_t kSlot = kCacheLine;
  return (static_cast<std::uint32_t>(sizeof(RemoteHeader)) + size + kSlot - 1) / kSlot;
}

/// The sender's half of a ring, on a cache line of its own. Indices count slots and never wrap.
struct alignas(kCacheLine) RingWriter {
  std::byte* slots = nullptr;
  std::uint64_t mask = 0;
  std::uint64_t written = 0;         ///< end of the committed messages
  std::uint64_t room_until = 0;      ///< what was not promised is written before this place
  std::uint64_t more = 0;            ///< slots before `written` that begin no message
  std::uint64_t published = 0;       ///< what the reader sees
  std::uint64_t cached_head = 0;     ///< at or before what the reader has given back
  std::uint32_t reserved_slots = 0;  ///< skip marker included

  std::byte* at(std::uint64_t slot) const { return slots + (slot & mask) * kCacheLine; }
};
static_assert(sizeof(RingWriter) == kCacheLine);

}  // namespace tina::internal
