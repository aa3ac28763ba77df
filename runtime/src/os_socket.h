// SPDX-License-Identifier: Apache-2.0
// The sockets that the production backends share: made, named and set up the same way for io_uring
// and for epoll. Descriptors are ≥ 0, errors are minus an errno; nothing here waits. Any thread.
#pragma once

#include <netinet/in.h>

#include <cstdint>

#include "src/os_backend.h"

namespace tina::internal {

/// Whether calls on a socket wait. io_uring waits for its sockets itself, unless they say that they
/// do not; epoll needs those that never do.
enum class SocketMode : std::uint8_t { kWaits, kNeverWaits };

sockaddr_in socket_address(const net::Address& address);
/// A TCP socket to connect with, TCP_NODELAY on.
std::int32_t open_stream_socket(SocketMode mode);
/// A listening TCP socket that never waits.
std::int32_t open_listening_socket(const ListenRequest& request);
/// Who is at the other end; {} if nobody is.
net::Address peer_of(std::int32_t descriptor);
/// Ends the sleep of the shard that waits for this eventfd.
void wake_shard(int wake_descriptor);

}  // namespace tina::internal
