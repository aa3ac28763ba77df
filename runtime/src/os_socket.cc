// SPDX-License-Identifier: Apache-2.0
// See os_socket.h.
#include "src/os_socket.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace tina::internal {

sockaddr_in socket_address(const net::Address& address) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_addr.s_addr = htonl(address.address);
  result.sin_port = htons(address.port);
  return result;
}

std::int32_t open_stream_socket(SocketMode mode) {
  const int waits = mode == SocketMode::kNeverWaits ? SOCK_NONBLOCK : 0;
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | waits, 0);
  if (descriptor < 0) return -errno;
  const int one = 1;
  if (::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0) return descriptor;
  const int error = errno;
  ::close(descriptor);
  return -error;
}

std::int32_t open_listening_socket(const ListenRequest& request) {
  const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return -errno;
  const int one = 1;
  const sockaddr_in address = socket_address({INADDR_ANY, request.port, {}});
  bool ok = ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) == 0;
  if (request.reuse_port) {
    ok = ok && ::setsockopt(descriptor, SOL_SOCKET, SO_REUSEPORT, &one, sizeof one) == 0;
  }
  ok = ok && ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one) == 0;
  ok = ok && ::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ok = ok && ::listen(descriptor, request.backlog) == 0;
  if (ok) return descriptor;
  const int error = errno;
  ::close(descriptor);
  return -error;
}

net::Address peer_of(std::int32_t descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  if (::getpeername(descriptor, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return {ntohl(address.sin_addr.s_addr), ntohs(address.sin_port)};
}

void wake_shard(int wake_descriptor) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_descriptor, &one, sizeof one);
}

}  // namespace tina::internal
