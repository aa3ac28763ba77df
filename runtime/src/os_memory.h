// SPDX-License-Identifier: Apache-2.0
// Memory from the kernel, at boot only: one block per shard between guard pages.
// Invariant: nothing is mapped after boot. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tina::internal {

/// Unmapped bytes on each side of a block, so that a stray access next to it faults.
inline constexpr std::size_t kGuardSize = 64 * 1024;

/// How much of a block is made present at once.
enum class Presence : std::uint8_t { kLazy, kPopulated };

/// Maps `size` zeroed bytes, aligned to 2 MiB from that size on, with a guard on each side; huge
/// pages are asked for where the kernel allows them. kPopulated: every page is present on return,
/// on the calling thread's node. Null if the kernel refuses.
std::byte* map_block(std::size_t size, Presence presence);
/// Gives a block back with its guards.
void unmap_block(std::byte* block, std::size_t size);
/// Maps a file of `size` bytes, created or emptied, for sharing with other processes; null path:
/// memory that only this process sees. Null if refused, with errno.
void* map_shared(const char* path, std::size_t size);

}  // namespace tina::internal
