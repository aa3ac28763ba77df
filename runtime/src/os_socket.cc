// SPDX-License-Identifier: Apache-2.0
// See os_socket.h.
#include "src/os_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "src/os_address.h"
#include "src/os_signals.h"
#include "src/os_stream.h"

namespace tina::internal {
namespace {

bool set(int descriptor, int level, int option, int value) {
  return ::setsockopt(descriptor, level, option, &value, sizeof value) == 0;
}

/// Closes what could not be made as it should be; minus the errno that says why.
std::int32_t give_up(int descriptor) {
  const int error = errno;
  ::close(descriptor);
  return -error;
}

int new_socket(const net::Address& address, int type, SocketMode mode) {
  const int flags = SOCK_CLOEXEC | (mode == SocketMode::kNeverWaits ? SOCK_NONBLOCK : 0);
  return ::socket(wants_v4(address) ? AF_INET : AF_INET6, type | flags, 0);
}

/// To connect with.
std::int32_t open_stream(const OpenRequest& request, SocketMode mode) {
  const int descriptor = new_socket(request.address, SOCK_STREAM, mode);
  if (descriptor < 0) return -errno;
  if (!set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1)) return give_up(descriptor);
  return descriptor;
}

/// What every socket needs before it gets an address of its own.
bool stand_at(int descriptor, const OpenRequest& request, const net::Address& address) {
  AddressOperand at{};
  at.address = address;
  write_raw(at);
  bool ok = true;
  if (request.io.reuse_port) ok = set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
  if (!wants_v4(address)) ok = ok && set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  return ok && ::bind(descriptor, reinterpret_cast<sockaddr*>(at.raw.data()), at.raw_size) == 0;
}

std::int32_t listen_at(const OpenRequest& request, const net::Address& address, SocketMode) {
  const int descriptor = new_socket(address, SOCK_STREAM, SocketMode::kNeverWaits);
  if (descriptor < 0) return -errno;
  const bool ok = set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) &&
                  // What it accepts inherits this.
                  set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1) &&
                  stand_at(descriptor, request, address) &&
                  ::listen(descriptor, static_cast<int>(request.io.backlog)) == 0;
  return ok ? descriptor : give_up(descriptor);
}

std::int32_t open_udp_at(const OpenRequest& request, const net::Address& address, SocketMode mode) {
  const int descriptor = new_socket(address, SOCK_DGRAM, mode);
  if (descriptor < 0) return -errno;
  // Without an address of its own the kernel chooses one when it connects.
  const bool ok = request.op == OpCode::kConnect || stand_at(descriptor, request, address);
  return ok ? descriptor : give_up(descriptor);
}

/// Where every address is meant, IPv6 and IPv4, or IPv4 alone where that is all there is.
template <class Open>
std::int32_t open_everywhere(const OpenRequest& request, SocketMode mode, Open&& open) {
  const std::int32_t descriptor = open(request, request.address, mode);
  const bool everywhere = request.address == net::Address::v6({}, request.address.port);
  if (!everywhere || (descriptor != -EAFNOSUPPORT && descriptor != -EADDRNOTAVAIL)) {
    return descriptor;
  }
  return open(request, net::Address::v4(INADDR_ANY, request.address.port), mode);
}

}  // namespace

std::int32_t open_socket(const OpenRequest& request, SocketMode mode) {
  switch (request.io.kind) {
    case IoKind::kTcpListener:
      return open_everywhere(request, mode, listen_at);
    case IoKind::kTcpStream:
      return open_stream(request, mode);
    case IoKind::kSignals:
      return open_signals(request.io, mode == SocketMode::kNeverWaits);
    case IoKind::kInput:
    case IoKind::kOutput:
      return open_standard(request.io, mode == SocketMode::kNeverWaits);
    case IoKind::kFile:
      break;  // an open of its own makes its descriptor
    case IoKind::kResolver:
      break;
    case IoKind::kUdpSocket:
      return open_everywhere(request, mode, open_udp_at);
  }
  return -EINVAL;
}

void wake_shard(int wake_descriptor) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_descriptor, &one, sizeof one);
}

}  // namespace tina::internal
