// SPDX-License-Identifier: Apache-2.0
// Rings of buffers that the kernel fills for multishot receives, one of a page for each group.
// Invariants: the kernel takes buffers in the order in which they were lent, and none of a group
// without an operation; nothing is mapped after boot. Made and used on the shard's thread. Source:
// io_uring_register_buf_ring(3).
#pragma once

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace tina::internal {

class UringBuffers {
 public:
  UringBuffers() = default;
  UringBuffers(const UringBuffers&) = delete;
  UringBuffers& operator=(const UringBuffers&) = delete;
  ~UringBuffers();

  /// Makes so many groups, or as many as the kernel allows. A page and a system call each.
  void open(io_uring& ring, std::uint32_t groups);
  std::uint32_t groups() const { return groups_; }
  /// False: there is no such group.
  bool lend(std::uint32_t group, std::span<std::byte> buffer);
  /// Takes the last `count` buffers back. No operation of the group is under way.
  void take_back(std::uint32_t group, std::uint32_t count);

 private:
  io_uring_buf_ring& ring_of(std::uint32_t group);

  std::byte* pages_ = nullptr;
  std::size_t mapped_ = 0;  ///< bytes
  std::uint32_t groups_ = 0;
};

}  // namespace tina::internal
