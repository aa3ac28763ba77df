// SPDX-License-Identifier: Apache-2.0
// See os_memory.h.
#include "src/os_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tina/base.h"

namespace tina::internal {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kPage = 4096;

std::size_t block_alignment(std::size_t size) { return size >= kHugePage ? kHugePage : kPage; }

}  // namespace

std::byte* map_block(std::size_t size, Presence presence) {
  const std::size_t alignment = block_alignment(size);
  const std::size_t body = round_up(size, kPage);
  const std::size_t whole = body + 2 * kGuardSize + alignment;
  void* const reserved =
      ::mmap(nullptr, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (reserved == MAP_FAILED) return nullptr;
  const auto from = reinterpret_cast<std::uintptr_t>(reserved);
  const std::uintptr_t start = round_up(from + kGuardSize, alignment);
  // Give back what lies beyond the two guards.
  if (start - kGuardSize > from) ::munmap(reserved, start - kGuardSize - from);
  const std::uintptr_t end = start + body + kGuardSize;
  if (from + whole > end) ::munmap(reinterpret_cast<void*>(end), from + whole - end);
  auto* const block = reinterpret_cast<std::byte*>(start);
  if (::mprotect(block, body, PROT_READ | PROT_WRITE) != 0) {
    unmap_block(block, size);
    return nullptr;
  }
  if (alignment == kHugePage) ::madvise(block, body, MADV_HUGEPAGE);  // a wish: may be refused
  if (presence == Presence::kPopulated && ::madvise(block, body, MADV_POPULATE_WRITE) != 0) {
    for (std::size_t at = 0; at < body; at += kPage) {
      *reinterpret_cast<volatile std::byte*>(block + at) = std::byte{0};
    }
  }
  return block;
}

void unmap_block(std::byte* block, std::size_t size) {
  ::munmap(block - kGuardSize, round_up(size, kPage) + 2 * kGuardSize);
}

void* map_shared(const char* path, std::size_t size) {
  int file = -1;
  if (path != nullptr) {
    file = ::open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return nullptr;
    if (::ftruncate(file, static_cast<off_t>(size)) != 0) {
      ::close(file);
      return nullptr;
    }
  }
  const int flags = MAP_SHARED | MAP_POPULATE | (path == nullptr ? MAP_ANONYMOUS : 0);
  void* const mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, file, 0);
  if (file >= 0) ::close(file);
  return mapped == MAP_FAILED ? nullptr : mapped;
}

}  // namespace tina::internal
