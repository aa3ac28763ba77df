// SPDX-License-Identifier: Apache-2.0
// See os_socket.h.
#include "src/os_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "src/os_address.h"
#include "src/os_pipe.h"
#include "src/os_signals.h"
#include "src/os_stream.h"
#include "src/os_unix.h"

namespace tina::internal {
namespace {

constexpr int kBufferMax = (1 << 30) - 1;  // its double is a number, too

/// When the kernel asks a silent peer whether it is there, and how often it asks again.
struct KeepAlive {
  int idle_s, interval_s, questions;
};

/// After twice the time a peer that is gone has not answered any question: there are five or, where
/// whole seconds do not divide like that, some more. The spec says whole seconds (E0221).
KeepAlive keep_alive(std::int64_t after_ns) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  const auto idle_s = static_cast<int>(after_ns / kSecond);
  const int interval_s = std::max(idle_s / 5, 1);
  return {idle_s, interval_s, idle_s / interval_s};
}

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

/// Asks for a buffer of the kernel. It would give less without a word, which is an error here.
bool set_buffer(int descriptor, int option, std::int64_t bytes) {
  if (bytes == 0) return true;
  const int wanted = bytes > kBufferMax ? kBufferMax : static_cast<int>(bytes);
  int given = 0;
  socklen_t size = sizeof given;
  const bool ok = set(descriptor, SOL_SOCKET, option, wanted) &&
                  ::getsockopt(descriptor, SOL_SOCKET, option, &given, &size) == 0;
  // The kernel says twice what it was asked for: its own needs are in it.
  if (!ok || given >= 2 * wanted) return ok;
  errno = ENOBUFS;
  return false;
}

/// The settings of streams. What a listener accepts inherits them, at no further call.
bool set_stream(int descriptor, const IoTable& io) {
  bool ok = io.nagle || set(descriptor, IPPROTO_TCP, TCP_NODELAY, 1);
  if (io.keep_alive > 0) {
    const KeepAlive alive = keep_alive(io.keep_alive);
    ok = ok && set(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1) &&
         set(descriptor, IPPROTO_TCP, TCP_KEEPIDLE, alive.idle_s) &&
         set(descriptor, IPPROTO_TCP, TCP_KEEPINTVL, alive.interval_s) &&
         set(descriptor, IPPROTO_TCP, TCP_KEEPCNT, alive.questions);
  }
  return ok && set_buffers(descriptor, io);
}

/// To connect with.
std::int32_t open_stream(const OpenRequest& request, SocketMode mode) {
  const int descriptor = new_socket(request.address, SOCK_STREAM, mode);
  if (descriptor < 0) return -errno;
  if (!set_stream(descriptor, request.io)) return give_up(descriptor);
  return descriptor;
}

/// What every socket needs before it gets an address of its own.
bool stand_at(int descriptor, const OpenRequest& request, const net::Address& address) {
  AddressOperand at{};
  at.address = address;
  write_raw(at);
  bool ok = true;
  if (request.io.reuse_port) ok = set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1);
  if (!wants_v4(address)) ok = ok && set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, request.io.v6_only);
  return ok && ::bind(descriptor, reinterpret_cast<sockaddr*>(at.raw.data()), at.raw_size) == 0;
}

std::int32_t listen_at(const OpenRequest& request, const net::Address& address, SocketMode) {
  const int descriptor = new_socket(address, SOCK_STREAM, SocketMode::kNeverWaits);
  if (descriptor < 0) return -errno;
  const bool ok = set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1) &&
                  set_stream(descriptor, request.io) && stand_at(descriptor, request, address) &&
                  ::listen(descriptor, static_cast<int>(request.io.backlog)) == 0;
  return ok ? descriptor : give_up(descriptor);
}

std::int32_t open_udp_at(const OpenRequest& request, const net::Address& address, SocketMode mode) {
  const int descriptor = new_socket(address, SOCK_DGRAM, mode);
  if (descriptor < 0) return -errno;
  // Without an address of its own the kernel chooses one when it connects.
  const bool ok = set_buffers(descriptor, request.io) &&
                  (request.op == OpCode::kConnect || stand_at(descriptor, request, address));
  return ok ? descriptor : give_up(descriptor);
}

/// Where every address is meant, IPv6 and IPv4, or IPv4 alone where that is all there is.
template <class Open>
std::int32_t open_everywhere(const OpenRequest& request, SocketMode mode, Open&& open) {
  const std::int32_t descriptor = open(request, request.address, mode);
  const bool everywhere = request.address == net::Address::v6({}, request.address.port);
  if (!everywhere || request.io.v6_only ||
      (descriptor != -EAFNOSUPPORT && descriptor != -EADDRNOTAVAIL)) {
    return descriptor;
  }
  return open(request, net::Address::v4(INADDR_ANY, request.address.port), mode);
}

}  // namespace

bool set_buffers(int descriptor, const IoTable& io) {
  return set_buffer(descriptor, SO_SNDBUF, io.send_buffer) &&
         set_buffer(descriptor, SO_RCVBUF, io.receive_buffer);
}

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
    case IoKind::kDirectory:
      break;  // an open of its own makes its descriptor
    case IoKind::kResolver:
      break;
    case IoKind::kUdpSocket:
      return open_everywhere(request, mode, open_udp_at);
    case IoKind::kPipeReader:
    case IoKind::kPipeWriter:
      return open_pipe(request, mode);
    case IoKind::kUnixListener:
    case IoKind::kUnixStream:
    case IoKind::kUnixDatagram:
      return open_unix(request, mode);
  }
  return -EINVAL;
}

}  // namespace tina::internal
