// SPDX-License-Identifier: Apache-2.0
// What a stream with the setting `read_ahead` has received before its isolate asked: a ring of
// receive buffers, first those with bytes, then those that are lent to the backend, which fills
// them in that order. It lies in the arena beside its object. Invariants: arrived + lent ≤ places;
// nothing is lent unless the object's read-ahead is in flight. Owned by the shard's thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tina::internal {

struct ReadAheadPlace {
  std::uint32_t block;
  std::uint32_t size;  ///< bytes that arrived in it
};

/// The head; the places follow.
struct ReadAhead {
  std::uint32_t places;  ///< the setting
  std::uint32_t first;   ///< the oldest one
  std::uint32_t arrived;
  std::uint32_t lent;
  std::uint32_t group;  ///< by which the backend knows its buffers: a number of the shard's own
  std::int32_t end;     ///< if `ended`: what the receive after those that arrived ends in
  bool ended;
  bool off;  ///< the backend has no room for its group: it receives as without the setting
  std::array<std::byte, 6> reserved;

  ReadAheadPlace& at(std::uint32_t number) {
    const std::uint32_t place = first + number;
    return reinterpret_cast<ReadAheadPlace*>(this + 1)[place < places ? place : place - places];
  }
  /// The oldest one that has arrived, which leaves the ring.
  ReadAheadPlace take_oldest() {
    const ReadAheadPlace oldest = at(0);
    first = first + 1 == places ? 0 : first + 1;
    --arrived;
    return oldest;
  }
};
static_assert(sizeof(ReadAhead) == 32);

constexpr std::size_t read_ahead_size(std::uint32_t places) {
  return places == 0 ? 0 : sizeof(ReadAhead) + places * sizeof(ReadAheadPlace);
}

}  // namespace tina::internal
