// SPDX-License-Identifier: Apache-2.0
// What tina/scratch.h leaves to the runtime: the look at the guards, the counter, and what nobody
// may look at.
#include "src/isolate.h"
#include "src/poison.h"
#include "src/trap.h"
#include "tina/scratch.h"

namespace tina::internal {

void forbid_scratch(const std::byte* memory, std::size_t size) noexcept { forbid(memory, size); }

void allow_scratch(const std::byte* memory, std::size_t size) noexcept { allow(memory, size); }

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
