// SPDX-License-Identifier: Apache-2.0
// What tina/scratch.h leaves to the runtime: the look at the guards, the counter, and the word with
// an address sanitizer.
#include "src/isolate.h"
#include "src/trap.h"
#include "tina/scratch.h"

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

void forbid_scratch([[maybe_unused]] const std::byte* memory,
                    [[maybe_unused]] std::size_t size) noexcept {
#if defined(TINA_ADDRESS_SANITIZER)
  __asan_poison_memory_region(memory, size);
#endif
}

void allow_scratch([[maybe_unused]] const std::byte* memory,
                   [[maybe_unused]] std::size_t size) noexcept {
#if defined(TINA_ADDRESS_SANITIZER)
  __asan_unpoison_memory_region(memory, size);
#endif
}

void refuse_scratch(ShardCore& core) noexcept {
  ++static_cast<ShardParts&>(core).counters.scratch_refused;
}

void end_scratch(ShardCore& core, std::uint32_t newest, std::uint32_t used) noexcept {
  allow_scratch(core.scratch, used);
  for (std::uint32_t at = newest; at != 0;) {
    ScratchGuard guard;
    std::memcpy(&guard, core.scratch + at, sizeof guard);
    const bool whole = (guard.previous ^ kScratchPattern) == guard.mixed && guard.previous < at;
    if (!whole) crash_running(core, "scratch_overrun");
    at = guard.previous;
  }
  forbid_scratch(core.scratch, used);
}

}  // namespace tina::internal
