// SPDX-License-Identifier: Apache-2.0
// See real_peers.h.
#include "real_peers.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace tina::parity {
namespace {

constexpr int kSockets = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;

sockaddr_in own(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

std::uint16_t port_of(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  EXPECT_EQ(::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size), 0);
  return ntohs(address.sin_port);
}

int bound_socket() {
  const int made = ::socket(AF_INET, kSockets, 0);
  const sockaddr_in any = own(0);
  EXPECT_EQ(::bind(made, generic(any), sizeof any), 0) << errno;
  return made;
}

int connecting_socket(std::uint16_t port) {
  const int made = ::socket(AF_INET, kSockets, 0);
  const int one = 1;
  EXPECT_EQ(::setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one), 0) << errno;
  const sockaddr_in to = own(port);
  const int connected = ::connect(made, generic(to), sizeof to);
  EXPECT_TRUE(connected == 0 || errno == EINPROGRESS || errno == ECONNREFUSED) << errno;
  return made;
}

bool ready(int descriptor, short events) {
  pollfd one{descriptor, events, 0};
  return ::poll(&one, 1, 0) == 1;
}

}  // namespace

RealPeers::~RealPeers() {
  for (Peer& peer : peers_) {
    end(peer.descriptor);
    end(peer.listener);
  }
  for (int& kept : kept_) end(kept);
}

void RealPeers::end(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

std::int64_t RealPeers::descriptors() const {
  std::int64_t open = static_cast<std::int64_t>(kept_.size());
  for (const Peer& peer : peers_) open += (peer.descriptor >= 0) + (peer.listener >= 0);
  return open;
}

std::uint16_t RealPeers::free_port() {
  int probe = bound_socket();
  const std::uint16_t port = port_of(probe);
  end(probe);
  return port;
}

PeerId RealPeers::connect(std::uint16_t port) {
  Peer& peer = peers_.emplace_back();
  peer.descriptor = connecting_socket(port);
  peer.connecting = true;
  return static_cast<PeerId>(peers_.size() - 1);
}

PeerId RealPeers::listen(std::uint16_t& port) {
  Peer& peer = peers_.emplace_back();
  peer.listener = bound_socket();
  EXPECT_EQ(::listen(peer.listener, 1), 0);
  port = port_of(peer.listener);
  return static_cast<PeerId>(peers_.size() - 1);
}

/// A queue for one connection that is full: the kernel drops what else asks.
std::uint16_t RealPeers::silent_port() {
  const int listener = bound_socket();
  EXPECT_EQ(::listen(listener, 0), 0);
  kept_.push_back(listener);
  const std::uint16_t port = port_of(listener);
  for (int i = 0; i < 4; ++i) kept_.push_back(connecting_socket(port));
  return port;
}

void RealPeers::reset(PeerId number) {
  Peer& peer = peers_[number];
  const linger at_once{1, 0};
  EXPECT_EQ(::setsockopt(peer.descriptor, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once), 0);
  end(peer.descriptor);
}

void RealPeers::work() {
  for (Peer& peer : peers_) work(peer);
}

void RealPeers::work(Peer& peer) {
  if (peer.listener >= 0) {
    peer.descriptor = ::accept4(peer.listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (peer.descriptor < 0) return;
    peer.seen.connected = true;
    end(peer.listener);
  }
  if (peer.descriptor < 0) return;
  if (peer.connecting) {
    if (!ready(peer.descriptor, POLLOUT)) return;
    peer.connecting = false;
    int error = 0;
    socklen_t size = sizeof error;
    EXPECT_EQ(::getsockopt(peer.descriptor, SOL_SOCKET, SO_ERROR, &error, &size), 0);
    const bool up = error == 0 && !ready(peer.descriptor, POLLHUP);
    (up ? peer.seen.connected : peer.seen.refused) = true;
    if (!up) return end(peer.descriptor);
  }
  flush(peer);
  if (peer.descriptor >= 0 && !peer.held) read(peer);
}

void RealPeers::flush(Peer& peer) {
  while (!peer.unsent.empty()) {
    const ssize_t sent =
        ::send(peer.descriptor, peer.unsent.data(), peer.unsent.size(), MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN ? void() : broken(peer, errno);
    peer.unsent.erase(0, static_cast<std::size_t>(sent));
  }
  if (peer.closing) return end(peer.descriptor);
  if (peer.finishing && !peer.finished) ::shutdown(peer.descriptor, SHUT_WR);
  peer.finished = peer.finishing;
}

void RealPeers::read(Peer& peer) {
  std::array<char, 65536> buffer;
  while (!peer.seen.ended) {
    const ssize_t got = ::recv(peer.descriptor, buffer.data(), buffer.size(), 0);
    if (got < 0) return errno == EAGAIN ? void() : broken(peer, errno);
    if (got == 0) peer.seen.ended = true;
    peer.seen.bytes.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

void RealPeers::broken(Peer& peer, int error) {
  EXPECT_TRUE(error == ECONNRESET || error == EPIPE) << error;
  peer.seen.reset = true;
  end(peer.descriptor);
}

}  // namespace tina::parity
