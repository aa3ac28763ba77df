// SPDX-License-Identifier: Apache-2.0
// Memory for one call of a handler: `budget { scratch SIZE; }` and `ctx.scratch()`. A shard runs
// one handler at a time, so all isolates of a shard share one region, as large as the largest SIZE
// among them; pieces are cut off its front and all end with the handler. Invariants: nothing of a
// piece outlives its handler; behind each piece lies a guard that is looked at when the handler
// returns; who takes nothing pays one comparison. Shard's thread, inside a handler.
#pragma once

#include <cstring>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "tina/shard_core.h"

namespace tina {
namespace internal {

inline constexpr std::uint32_t kScratchPattern = 0x5ca7c4e1;
inline constexpr std::uint32_t kScratchGuardSize = sizeof(ScratchGuard);

/// Says to an address sanitizer, where there is one, which bytes of the region may be touched.
void forbid_scratch(const std::byte* memory, std::size_t size) noexcept;
void allow_scratch(const std::byte* memory, std::size_t size) noexcept;
/// Counts a piece that did not fit.
void refuse_scratch(ShardCore& core) noexcept;
/// Looks at all guards from the newest one on; ends the running isolate if one is broken.
/// O(pieces).
void end_scratch(ShardCore& core, std::uint32_t newest, std::uint32_t used) noexcept;

}  // namespace internal

/// The scratch memory of the handler that runs. Lives in its context.
class Scratch {
 public:
  Scratch(ShardCore& core, std::uint32_t size) : core_(core), size_(size) {}
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() { close(); }

  /// Ends all pieces. The runtime's, before it carries out what the handler has returned.
  void close() noexcept {
    if (used_ != 0) [[unlikely]]
      internal::end_scratch(core_, newest_, std::exchange(used_, 0));
  }

  /// `count` new elements, zero or as their default constructor leaves them, valid until the
  /// handler returns. Empty if they do not fit, which is counted. Each piece but the last takes 8
  /// bytes besides. O(count).
  template <class T>
  [[nodiscard]] std::span<T> take(std::size_t count) noexcept {
    static_assert(std::is_trivially_destructible_v<T>, "scratch memory ends without a destructor");
    static_assert(alignof(T) <= kCacheLine, "scratch memory is aligned to 64 bytes at most");
    const std::size_t at = internal::round_up(used_, alignof(T));
    if (at > size_ || count > (size_ - at) / sizeof(T)) {
      internal::refuse_scratch(core_);
      return {};
    }
    if (count == 0) return {};
    std::byte* const memory = core_.scratch + at;
    const std::size_t bytes = count * sizeof(T);
    if (used_ == 0) internal::forbid_scratch(core_.scratch, size_ + internal::kScratchGuardSize);
    internal::allow_scratch(memory, bytes + internal::kScratchGuardSize);
    const internal::ScratchGuard guard{newest_, newest_ ^ internal::kScratchPattern};
    std::memcpy(memory + bytes, &guard, sizeof guard);
    internal::forbid_scratch(memory + bytes, internal::kScratchGuardSize);
    newest_ = static_cast<std::uint32_t>(at + bytes);
    used_ = newest_ + internal::kScratchGuardSize;
    T* const first = reinterpret_cast<T*>(memory);
    for (std::size_t i = 0; i < count; ++i) ::new (static_cast<void*>(first + i)) T();
    return {first, count};
  }

  /// The bytes that a next piece may have if it needs no alignment.
  std::size_t left() const { return used_ < size_ ? size_ - used_ : 0; }

 private:
  ShardCore& core_;
  std::uint32_t size_;
  std::uint32_t used_ = 0;
  std::uint32_t newest_ = 0;  ///< guard of the newest piece; no guard lies at 0
};

}  // namespace tina
