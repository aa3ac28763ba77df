// SPDX-License-Identifier: Apache-2.0
// What operations on Unix sockets need or bring besides bytes. See operand.h. Owned by the shard's
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tina/unix_address.h"

namespace tina::internal {

/// The file that stands for a bound socket. It is removed with the socket, unless something else is
/// at its path by then.
struct BoundFile {
  std::uint64_t device;
  std::uint64_t number;  ///< of its inode; 0: there is none
};
static_assert(sizeof(BoundFile) == 16);

/// Of a receive of a datagram: who sent it, and whether all of it is there. Of a send: where to.
/// `raw`, `message` and `part` are the kernel's form of it.
struct UnixDatagramOperand {
  net::UnixAddress who;
  bool cut_off;
  std::array<std::byte, 7> reserved;
  alignas(8) std::array<std::byte, 112> raw;
  alignas(8) std::array<std::byte, 56> message;
  alignas(8) std::array<std::byte, 16> part;
};
static_assert(sizeof(UnixDatagramOperand) == 304);

}  // namespace tina::internal
