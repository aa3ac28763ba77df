// SPDX-License-Identifier: Apache-2.0
// What all kinds of I/O objects have in common: how an operation ends, lanes, and `ctx.NAME` of a
// declared object, which also gathers blocks for one write. Invariant: a block that was added
// belongs to its object until the operation that takes it has ended. Shard's thread, inside a
// handler.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <utility>

#include "tina/address.h"
#include "tina/block.h"
#include "tina/context.h"
#include "tina/effect.h"

namespace tina {

/// How an operation ended. `kEnd`: there is no more, as a peer closed its side or a file ends.
enum class IoStatus : std::uint8_t { kOk, kEnd, kError };

/// What became of a block that was added to an object's list. `kFull`: the list is as long as its
/// setting `gather` says, or holds 2 GiB; the handler still has the block.
enum class [[nodiscard]] AddResult : std::uint8_t { kAdded, kFull };

namespace internal {

bool lane_idle(const ShardCore& core, TypeId type, std::uint32_t slot, std::uint8_t io,
               std::uint8_t lane) noexcept;
/// Moves what the handler has to the end of an object's list. `to`: of a datagram. O(kept).
AddResult add_part(ShardCore& core, TypeId type, std::uint32_t slot, std::uint8_t io,
                   BlockHandle& block, const net::Address* to = nullptr) noexcept;
/// Blocks in the list that no operation has taken yet.
std::uint32_t parts_waiting(const ShardCore& core, TypeId type, std::uint32_t slot,
                            std::uint8_t io) noexcept;

enum class LaneName : std::uint8_t { kAccept, kRead, kWrite, kAll, kWait, kResolve };
template <LaneName kName>
struct Lane {};

/// The lanes of a kind, in the order of its declaration.
template <LaneName... kNames>
struct LaneList {
  static constexpr std::array<LaneName, sizeof...(kNames)> kLanes{kNames...};

  static constexpr bool has(LaneName name) { return ((name == kNames) || ...); }
  static constexpr std::uint8_t index(LaneName name) {
    std::uint8_t at = 0;
    while (kLanes[at] != name) ++at;
    return at;
  }
};

/// An operation that needs nothing but its place. `kListed`: its completion is listed somewhere.
template <std::uint8_t kBit, bool kListed = true>
constexpr auto plain_op(std::uint8_t object, std::uint8_t record, OpCode op) {
  return Op<(kListed ? std::uint64_t{1} << kBit % 64 : 0)>{
      {object, record, kBit, op, 0, kNoBuffer, 0, nullptr}};
}
/// An operation on the bytes of a block, which it takes.
template <std::uint8_t kBit>
auto block_op(std::uint8_t object, std::uint8_t record, OpCode op, Block&& data) {
  const BlockHandle taken = std::exchange(data.handle(), {});
  return Op<std::uint64_t{1} << kBit>{
      {object, record, kBit, op, taken.size, taken.index, taken.serial, taken.data}};
}
/// An operation on bytes of the isolate's own state.
template <std::uint8_t kBit>
auto own_op(std::uint8_t object, std::uint8_t record, OpCode op, std::span<const std::byte> own) {
  return Op<std::uint64_t{1} << kBit>{
      {object, record, kBit, op, static_cast<std::uint32_t>(own.size()), kNoBuffer, 0, own.data()}};
}
/// The operation, with what it brings along.
template <std::uint64_t kBits, class Extra>
constexpr OpWith<kBits, Extra> with(const Op<kBits>& op, const Extra& extra) {
  return {{op.record}, extra};
}

}  // namespace internal

/// `ctx.NAME` of an I/O object. A member of the generated context, valid as long as it. `kGathers`:
/// it has the setting `gather`.
template <class Kind, bool kGathers = false>
class IoControl {
 public:
  constexpr IoControl(const ContextBase& context, TypeId type, std::uint8_t io)
      : context_(context), type_(type), io_(io) {}

  /// Whether an operation of this lane could start now: none is outstanding or held, neither here
  /// nor in the lanes that share the object with it. Cost: a few loads.
  template <internal::LaneName kName>
    requires(Kind::Lanes::has(kName))
  bool idle(internal::Lane<kName>) const {
    return internal::lane_idle(*context_.core_, type_, context_.slot_, io_,
                               Kind::Lanes::index(kName));
  }
  /// Puts a block behind those that the next gathered operation takes, whether or not one is under
  /// way. Cost: O(kept).
  AddResult add(internal::Block&& block) {
    static_assert(kGathers, "[E0418] the I/O object has no `gather`");
    return internal::add_part(*context_.core_, type_, context_.slot_, io_, block.handle());
  }
  /// The same of a datagram, which goes to `to`; without, it goes to the peer of a connected
  /// socket.
  AddResult add(const net::Address& to, internal::Block&& block)
    requires Kind::kBatches
  {
    static_assert(kGathers, "[E0418] the I/O object has no `gather`");
    return internal::add_part(*context_.core_, type_, context_.slot_, io_, block.handle(), &to);
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
