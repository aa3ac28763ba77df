// SPDX-License-Identifier: Apache-2.0
// See os_memory.h.
#include "src/os_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <limits>

#include "tina/base.h"

namespace tina::internal {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;
constexpr std::size_t kPage = 4096;

std::size_t block_alignment(std::size_t size) { return size >= kHugePage ? kHugePage : kPage; }

/// The first number in a file, kUnlimited if there is none: `max`, or no such file.
std::uint64_t number_in(const std::string& path) {
  std::ifstream file(path);
  std::uint64_t number = MemoryLimits::kUnlimited;
  return file >> number ? number : MemoryLimits::kUnlimited;
}

/// The least of the limits called `name` from a control group up to the root of its hierarchy. A
/// group that another namespace hides is not there; the root of the hierarchy is then what counts.
std::uint64_t least_limit(const std::string& hierarchy, std::string group, const char* name) {
  std::uint64_t least = number_in(hierarchy + "/" + name);
  while (group.size() > 1) {
    least = std::min(least, number_in(hierarchy + group + "/" + name));
    group.resize(group.rfind('/'));
  }
  return least;
}

std::uint64_t group_limit(const std::string& root) {
  const std::string groups = root + "/sys/fs/cgroup";
  std::uint64_t least = MemoryLimits::kUnlimited;
  std::ifstream file(root + "/proc/self/cgroup");
  for (std::string line; std::getline(file, line);) {
    // `0::/path` of version 2, `4:memory:/path` of version 1.
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (first == std::string::npos || second == std::string::npos) continue;
    const std::string group = line.substr(second + 1);
    if (second == first + 1) {
      least = std::min(least, least_limit(groups, group, "memory.max"));
    } else if (line.compare(first + 1, second - first - 1, "memory") == 0) {
      least = std::min(least, least_limit(groups + "/memory", group, "memory.limit_in_bytes"));
    }
  }
  return least;
}

/// What the machine can still give: memory that is free or can be freed, and swap.
std::uint64_t available_memory(const std::string& root) {
  std::ifstream file(root + "/proc/meminfo");
  std::uint64_t available = MemoryLimits::kUnlimited;
  std::uint64_t swap = 0;
  for (std::string name; file >> name;) {
    std::uint64_t kib = 0;
    if (name == "MemAvailable:" && file >> kib) available = kib * 1024;
    if (name == "SwapFree:" && file >> kib) swap = kib * 1024;
    file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return available == MemoryLimits::kUnlimited ? available : available + swap;
}

}  // namespace

std::size_t mapped_size(std::size_t size) {
  return round_up(size, kPage) + 2 * kGuardSize + block_alignment(size);
}

std::byte* map_block(std::size_t size) {
  const std::size_t alignment = block_alignment(size);
  const std::size_t body = round_up(size, kPage);
  const std::size_t whole = mapped_size(size);
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
    const int error = errno;
    unmap_block(block, size);
    errno = error;
    return nullptr;
  }
  if (alignment == kHugePage) ::madvise(block, body, MADV_HUGEPAGE);  // a wish: may be refused
  return block;
}

bool make_present(std::byte* block, std::size_t size) {
  const std::size_t body = round_up(size, kPage);
  if (::madvise(block, body, MADV_POPULATE_WRITE) == 0) return true;
  if (errno != EINVAL) return false;
  // A kernel that does not know the request: touch each page.
  for (std::size_t at = 0; at < body; at += kPage) {
    *reinterpret_cast<volatile std::byte*>(block + at) = std::byte{0};
  }
  return true;
}

std::size_t huge_bytes(const std::byte* block, std::size_t size) {
  const auto start = reinterpret_cast<std::uintptr_t>(block);
  std::ifstream file("/proc/self/smaps");
  std::size_t bytes = 0;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    std::uintptr_t from = 0;
    std::uintptr_t to = 0;
    if (std::sscanf(line.c_str(), "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2) {
      inside = from >= start && to <= start + round_up(size, kPage);
    }
    std::size_t kib = 0;
    if (inside && std::sscanf(line.c_str(), "AnonHugePages: %zu kB", &kib) == 1) {
      bytes += kib * 1024;
    }
  }
  return bytes;
}

MemoryLimits memory_limits(const std::string& root) {
  return {group_limit(root), available_memory(root)};
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
