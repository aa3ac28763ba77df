// SPDX-License-Identifier: Apache-2.0
// Identities of isolates. A handle names one incarnation of one slot on one shard; its generation
// makes a late use of it harmless: it is refused, never delivered to the slot's next owner.
// Invariant: a handle is 8 bytes, trivially copyable, and all zeros names nobody.
// Any thread may hold one; only its own shard resolves it.
#pragma once

#include <cstdint>

#include "tina/base.h"

namespace tina {

/// One incarnation: shard 10 bits | slot 22 bits | generation 32 bits. Generation 0 is never given
/// out, so the zero handle is refused everywhere (`dead`).
struct Handle {
  std::uint64_t bits = 0;

  static constexpr unsigned kShardBits = 10;
  static constexpr unsigned kSlotBits = 22;
  static constexpr std::uint32_t kSlotsMax = 1u << kSlotBits;

  /// What all handles of a shard have in common.
  static constexpr std::uint64_t home(ShardId shard) {
    return std::uint64_t{static_cast<std::uint16_t>(shard)} << (32 + kSlotBits);
  }
  /// The handle of a slot of the shard whose handles have `home` in common.
  static constexpr Handle at(std::uint64_t home, std::uint32_t slot, std::uint32_t generation) {
    return Handle{home | std::uint64_t{slot} << 32 | generation};
  }
  static constexpr Handle make(ShardId shard, std::uint32_t slot, std::uint32_t generation) {
    return at(home(shard), slot, generation);
  }
  constexpr ShardId shard() const { return static_cast<ShardId>(bits >> (32 + kSlotBits)); }
  constexpr std::uint32_t slot() const {
    return static_cast<std::uint32_t>(bits >> 32) & (kSlotsMax - 1);
  }
  constexpr std::uint32_t generation() const { return static_cast<std::uint32_t>(bits); }

  friend constexpr bool operator==(Handle, Handle) = default;
};

/// A handle that knows the isolate type it names: `ref<Isolate>` in `.tina`.
template <class Isolate>
struct Ref {
  Handle handle;

  friend constexpr bool operator==(Ref, Ref) = default;
};

static_assert(sizeof(Handle) == 8);

}  // namespace tina
