// SPDX-License-Identifier: Apache-2.0
// Memory that nobody may look at: free blocks, scratch memory that is not in use. Checked builds
// (TINA_DCHECK) fill what is given back with a pattern, so that stale bytes do not look like fresh
// ones; under AddressSanitizer a look at it is reported. Nothing in other builds. Shard's thread.
#pragma once

#include <cstddef>
#include <cstring>

#if defined(__SANITIZE_ADDRESS__)
#define TINA_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TINA_ADDRESS_SANITIZER 1
#endif
#endif
#if defined(TINA_ADDRESS_SANITIZER)
#include <sanitizer/asan_interface.h>
#endif

namespace tina::internal {

/// What a block that was given back is full of, in checked builds.
inline constexpr unsigned char kStaleByte = 0xdb;

/// From here on a look at it is a mistake.
inline void forbid([[maybe_unused]] const std::byte* memory, [[maybe_unused]] std::size_t size) {
#if defined(TINA_ADDRESS_SANITIZER)
  __asan_poison_memory_region(memory, size);
#endif
}

/// It is in use again.
inline void allow([[maybe_unused]] const std::byte* memory, [[maybe_unused]] std::size_t size) {
#if defined(TINA_ADDRESS_SANITIZER)
  __asan_unpoison_memory_region(memory, size);
#endif
}

/// What was in it is gone. O(size) in checked builds.
inline void spoil([[maybe_unused]] std::byte* memory, [[maybe_unused]] std::size_t size) {
#ifndef NDEBUG
  std::memset(memory, kStaleByte, size);
#endif
  forbid(memory, size);
}

}  // namespace tina::internal
