// SPDX-License-Identifier: Apache-2.0
// Memory from the kernel, at boot only: one block per shard between guard pages. A block is mapped
// by the main thread, so that a refusal is said before any shard runs, and made present by the
// shard's own thread, so that its pages lie on the node of its processor.
// Invariant: nothing is mapped after boot. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace tina::internal {

/// Unmapped bytes on each side of a block, so that a stray access next to it faults.
inline constexpr std::size_t kGuardSize = 64 * 1024;

/// Address space that a block of `size` bytes takes while it is mapped, at most.
std::size_t mapped_size(std::size_t size);
/// Maps `size` zeroed bytes, aligned to 2 MiB from that size on, with a guard on each side; huge
/// pages are asked for where the kernel allows them. No page of it is present yet. Null with errno
/// if the kernel refuses.
std::byte* map_block(std::size_t size);
/// Gives a block back with its guards.
void unmap_block(std::byte* block, std::size_t size);
/// Makes every page of a block present, on the calling thread's node. False with errno if there is
/// not enough memory.
bool make_present(std::byte* block, std::size_t size);
/// The bytes of a block that are present in huge pages now. Reads /proc: boot only.
std::size_t huge_bytes(const std::byte* block, std::size_t size);

/// What the kernel would let this process fill; kUnlimited where nothing bounds it.
struct MemoryLimits {
  static constexpr std::uint64_t kUnlimited = ~std::uint64_t{0};
  std::uint64_t group = kUnlimited;      ///< the least limit of its control groups
  std::uint64_t available = kUnlimited;  ///< of the machine, without what others use now
};
/// Reads the limits below `root`, which is "" except in tests.
MemoryLimits memory_limits(const std::string& root);

/// Maps a file of `size` bytes, created or emptied, for sharing with other processes; null path:
/// memory that only this process sees. Null if refused, with errno.
void* map_shared(const char* path, std::size_t size);

}  // namespace tina::internal
