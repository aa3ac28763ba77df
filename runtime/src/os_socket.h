// SPDX-License-Identifier: Apache-2.0
// The sockets that the production backends share: made and set up the same way for io_uring and for
// epoll. Descriptors are ≥ 0, errors are minus an errno; nothing here waits. Any thread.
#pragma once

#include <cstdint>

#include "src/os_backend.h"

namespace tina::internal {

/// Whether calls on a socket wait. io_uring waits for its sockets itself, unless they say that they
/// do not; epoll needs those that never do.
enum class SocketMode : std::uint8_t { kWaits, kNeverWaits };

/// A listening socket of the object's kind, or one to connect with. A listener on every address
/// takes IPv6 and IPv4, where the machine has both.
std::int32_t open_socket(const OpenRequest& request, SocketMode mode);
/// The settings `send_buffer` and `receive_buffer`; false: refused, and errno says why.
bool set_buffers(int descriptor, const IoTable& io);

}  // namespace tina::internal
