// SPDX-License-Identifier: Apache-2.0
// See os_uring_buffers.h.
#include "src/os_uring_buffers.h"

#include <sys/mman.h>

#include <algorithm>

#include "tina/table.h"

namespace tina::internal {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::uint32_t kPlaces = kPage / sizeof(io_uring_buf);
static_assert(kReadAheadMost <= kPlaces);
/// The kernel numbers groups with 16 bits.
constexpr std::uint32_t kGroupsMost = 65536;

}  // namespace

UringBuffers::~UringBuffers() {
  if (pages_ != nullptr) ::munmap(pages_, mapped_);
}

void UringBuffers::open(io_uring& ring, std::uint32_t groups) {
  groups = std::min(groups, kGroupsMost);
  if (groups == 0) return;
  void* const pages = ::mmap(nullptr, groups * kPage, PROT_READ | PROT_WRITE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (pages == MAP_FAILED) return;
  pages_ = static_cast<std::byte*>(pages);
  mapped_ = groups * kPage;
  for (; groups_ < groups; ++groups_) {
    io_uring_buf_reg group{};
    group.ring_addr = reinterpret_cast<std::uintptr_t>(pages_ + groups_ * kPage);
    group.ring_entries = kPlaces;
    group.bgid = static_cast<std::uint16_t>(groups_);
    if (io_uring_register_buf_ring(&ring, &group, 0) != 0) return;
  }
}

io_uring_buf_ring& UringBuffers::ring_of(std::uint32_t group) {
  return *reinterpret_cast<io_uring_buf_ring*>(pages_ + group * kPage);
}

bool UringBuffers::lend(std::uint32_t group, std::span<std::byte> buffer) {
  if (group >= groups_) return false;
  io_uring_buf_ring& ring = ring_of(group);
  io_uring_buf_ring_add(&ring, buffer.data(), static_cast<unsigned>(buffer.size()), ring.tail,
                        kPlaces - 1, 0);
  io_uring_buf_ring_advance(&ring, 1);
  return true;
}

void UringBuffers::take_back(std::uint32_t group, std::uint32_t count) {
  io_uring_buf_ring_advance(&ring_of(group), -static_cast<int>(count));
}

}  // namespace tina::internal
