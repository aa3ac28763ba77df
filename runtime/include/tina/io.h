// SPDX-License-Identifier: Apache-2.0
// What all kinds of I/O objects have in common: how an operation ends, lanes, and `ctx.NAME` of a
// declared object, which also gathers blocks for one write. Invariant: a block that was added
// belongs to its object until the operation that takes it has ended. Shard's thread, inside a
// handler.
#pragma once

#include <cstdint>
#include <utility>

#include "tina/block.h"
#include "tina/context.h"
#include "tina/effect_parts.h"

namespace tina {

/// How an operation ended. `kEnd`: there is no more, as a peer closed its side or a file ends.
enum class IoStatus : std::uint8_t { kOk, kEnd, kError };

/// What became of a block that was added to an object's list. `kFull`: the list is as long as its
/// setting `gather` says, or holds 2 GiB; the handler still has the block.
enum class [[nodiscard]] AddResult : std::uint8_t { kAdded, kFull };

namespace internal {

bool lane_idle(const ShardCore& core, TypeId type, std::uint32_t slot, std::uint8_t io,
               std::uint8_t lane) noexcept;
/// Moves what the handler has to the end of an object's list. O(kept).
AddResult add_part(ShardCore& core, TypeId type, std::uint32_t slot, std::uint8_t io,
                   BlockHandle& block) noexcept;
/// Blocks in the list that no operation has taken yet.
std::uint32_t parts_waiting(const ShardCore& core, TypeId type, std::uint32_t slot,
                            std::uint8_t io) noexcept;

}  // namespace internal

/// One lane of a kind.
template <class Kind, std::uint8_t kIndex>
struct Lane {};

/// `ctx.NAME` of an I/O object. A member of the generated context, valid as long as it.
template <class Kind>
class IoControl {
 public:
  constexpr IoControl(const ContextBase& context, TypeId type, std::uint8_t io)
      : context_(context), type_(type), io_(io) {}

  /// Whether an operation of this lane could start now: none is outstanding or held, neither here
  /// nor in the lanes that share the object with it. Cost: a few loads.
  template <std::uint8_t kLane>
  bool idle(Lane<Kind, kLane>) const {
    return internal::lane_idle(*context_.core_, type_, context_.slot_, io_, kLane);
  }
  /// Puts a block behind those that the next gathered operation takes, whether or not one is under
  /// way. Without the setting `gather` there is no room. Cost: O(kept).
  AddResult add(internal::Block&& block) {
    return internal::add_part(*context_.core_, type_, context_.slot_, io_, block.handle());
  }
  /// Blocks that the next gathered operation would take.
  std::uint32_t waiting() const {
    return internal::parts_waiting(*context_.core_, type_, context_.slot_, io_);
  }

 private:
  const ContextBase& context_;
  TypeId type_;
  std::uint8_t io_;
};

}  // namespace tina
