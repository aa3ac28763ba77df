// SPDX-License-Identifier: Apache-2.0
// Bytes that move and are not copied: received buffers and blocks of a pool. Values here are
// move-only and trivially destructible: a block that a handler leaves when it returns or crashes
// goes back to where it came from. Invariants: a block has exactly one holder; a handle is valid in
// the handler that got it, and in the isolate's state if it was kept; moved into a message or an
// operation it belongs to that. Used on the shard's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include "tina/slot.h"

namespace tina {

struct ShardCore;

/// What became of `ctx.keep`. `kFull`: the isolate keeps as many as its budget `buffers` says.
enum class [[nodiscard]] KeepResult : std::uint8_t { kKept, kFull };

namespace internal {

/// What both kinds of block have in common. Cost of a move: three words.
class Block {
 public:
  Block() = default;
  Block(Block&& other) noexcept : handle_(std::exchange(other.handle_, BlockHandle{})) {}
  Block& operator=(Block&& other) noexcept {
    handle_ = std::exchange(other.handle_, BlockHandle{});
    return *this;
  }
  /// Made by the runtime only.
  explicit Block(const BlockHandle& handle) : handle_(handle) {}

  /// Whether there is a block in it: false when it is new, moved from, or was refused.
  explicit operator bool() const { return handle_.index != kNoBuffer; }
  std::uint32_t size() const { return handle_.size; }
  std::uint32_t index() const { return handle_.index; }
  std::uint32_t serial() const { return handle_.serial; }
  /// For the runtime.
  BlockHandle& handle() { return handle_; }

 protected:
  BlockHandle handle_;
};

/// A block of a pool with room for `size` bytes; without one the pool is exhausted, which is
/// counted. O(pools).
BlockHandle take_blob(ShardCore& core, std::uint32_t size) noexcept;
/// Moves what the handler has to a place of the running isolate; what `to` had goes back. O(kept).
KeepResult keep_block(ShardCore& core, BlockHandle& from, BlockHandle& to) noexcept;
/// Gives back what the running isolate has, before the handler ends. O(kept).
void give_back_block(ShardCore& core, BlockHandle& handle) noexcept;

}  // namespace internal

/// Received bytes: `buffer` in `.tina`. Move it into a message or a send to pass it on without a
/// copy; otherwise the reactor takes it back when the handler returns.
class Buffer : public internal::Block {
 public:
  using Block::Block;
  std::span<const std::byte> bytes() const { return {handle_.data, handle_.size}; }
  std::string_view text() const {
    return {reinterpret_cast<const char*>(handle_.data), handle_.size};
  }
};

/// A block of a pool with room for `kBytes`: `blob<N>` in `.tina`. Its bytes are what its last user
/// left. Without a block, nothing may be read or written.
template <std::size_t kBytes>
class Blob : public internal::Block {
 public:
  static constexpr std::size_t kCapacity = kBytes;
  using Block::Block;

  /// The bytes in use; all of them at first.
  std::span<std::byte> bytes() { return {handle_.data, handle_.size}; }
  std::span<const std::byte> bytes() const { return {handle_.data, handle_.size}; }
  /// Says how many bytes are in use; more than fit is as many as fit.
  void resize(std::size_t size) {
    if (!*this) return;
    handle_.size = static_cast<std::uint32_t>(size < kBytes ? size : kBytes);
  }
};

static_assert(sizeof(Buffer) == 24 && alignof(Buffer) == 8 && sizeof(Blob<1>) == sizeof(Buffer));
static_assert(std::is_trivially_destructible_v<Buffer> && !std::is_copy_constructible_v<Buffer>);
static_assert(std::is_trivially_destructible_v<Blob<1>> && !std::is_copy_constructible_v<Blob<1>>);

}  // namespace tina
