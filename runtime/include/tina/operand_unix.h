// SPDX-License-Identifier: Apache-2.0
// What operations on Unix sockets need or bring besides bytes. See operand.h. Owned by the shard's
// thread.
#pragma once

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

}  // namespace tina::internal
