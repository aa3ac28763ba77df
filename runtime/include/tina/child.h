// SPDX-License-Identifier: Apache-2.0
// Child paths: who stands at a place of a supervision tree, whichever incarnation that is. An
// address names a shard, a place and, of a child `* N`, which one; the shard that has the tree
// resolves it anew at each use. Invariant: an address is 8 bytes of plain data, so it travels in
// messages and rings. Any thread may hold one.
#pragma once

#include "tina/handle.h"

namespace tina {

struct ShardCore;

/// A child of a tree: shard 16 bits, place 16 bits, index 32 bits. Places number the children of
/// all supervisors of a program; a shard whose role has no such child resolves it to nobody.
struct ChildAddress {
  ShardId shard{};
  std::uint16_t place = 0;
  std::uint32_t index = 0;

  friend constexpr bool operator==(ChildAddress, ChildAddress) = default;
};
static_assert(sizeof(ChildAddress) == 8);

/// The base of generated tags such as `Root::listener`; `Isolate` is who runs there.
template <class I>
struct ChildTag {
  using Isolate = I;
};

/// An address that knows the child it names, so that only messages which the spec lists for that
/// child are sent to it. Made by `ctx.child<Root::listener>()`.
template <class Tag>
struct Child {
  ChildAddress address;

  friend constexpr bool operator==(Child, Child) = default;
};

namespace internal {

/// In an address: the shard on which it is used.
inline constexpr ShardId kOwnShard{0xffff};

/// The first child behind a generated tag, on whichever shard the address is used.
template <class Path>
constexpr ChildAddress own_child() {
  return {kOwnShard, Path::kPlace, 0};
}

/// The current incarnation under an address of this shard; the zero handle while there is none, or
/// if there is no such child. O(1).
Handle resolve_child(const ShardCore& core, ChildAddress address) noexcept;

}  // namespace internal
}  // namespace tina
