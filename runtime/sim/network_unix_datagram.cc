// SPDX-License-Identifier: Apache-2.0
// See network.h. Datagrams over Unix sockets: none is lost, doubled or overtaken, since the sender
// puts each into its receiver's queue by itself. Where that is full, a connected sender waits, and
// others are told.
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sim/network.h"

namespace tina::sim {
namespace {

using internal::IoKind;
using internal::OpCode;
using internal::UnixDatagramOperand;

constexpr std::size_t kQueueMost = 11;  // as net.unix.max_dgram_qlen has it by default
constexpr std::size_t kLargest = 212'960;

}  // namespace

const Kind kUnixDatagrams{
    .open = [](Network& network, unsigned shard, const internal::OpenRequest& request) {
      return network.open_unix(shard, request);
    }};

constinit const Network::Device Network::kUnixDatagramDevice{&Network::attempt_unix_datagram,
                                                             &Network::end_unix_datagrams};

std::int32_t Network::open_unix_datagrams(unsigned shard, const internal::OpenRequest& request,
                                          std::uint32_t name) {
  const bool connects = request.op == OpCode::kConnectUnix;
  if (request.op != OpCode::kNone &&
      chooser_.chance(Domain::kConnectError, shard, faults_.connect_error)) {
    ++counts_.connect_errors;
    return -EMFILE;
  }
  if (exhausted()) return -EMFILE;
  if (!connects && name != kNoName && taken(unix_names_[name])) return -EADDRINUSE;
  // One that connects has a name of its own, that the kernel chooses.
  const std::uint32_t own = connects || name == kNoName ? new_unix_name() : name;
  std::int32_t peer = -1;
  if (connects) {
    const std::int32_t found = find_unix_receiver(name, own, peer);
    if (found < 0) return found;
  }
  const std::int32_t result = new_socket(shard);
  Socket& opened = at(result);
  opened.kind = IoKind::kUnixDatagram;
  opened.device = &kUnixDatagramDevice;
  opened.name = own;
  opened.has_peer = connects;
  opened.peer_name = connects ? name : kNoName;
  opened.peer_socket = peer;
  unix_names_[own].bound = result;
  return result;
}

/// A name that nobody has said.
std::uint32_t Network::new_unix_name() {
  std::string text = "@tina-" + std::to_string(unix_names_.size());
  return unix_name(net::UnixAddress(std::string_view(text)));
}

/// Whether somebody takes datagrams at `name` from the one at `sender`: 0 or minus an errno.
/// `socket`: the system's socket there; -1: a peer's.
std::int32_t Network::find_unix_receiver(std::uint32_t name, std::uint32_t sender,
                                         std::int32_t& socket) const {
  const UnixName& there = unix_names_[name];
  socket = there.bound;
  if (socket < 0) {
    if (there.takes_datagrams != kNoPeer) return 0;
    return there.offers.empty() ? nobody_at(there) : -EPROTOTYPE;
  }
  const Socket& on = at(socket);
  if (on.listener) return -EPROTOTYPE;
  return on.has_peer && on.peer_name != sender ? -EPERM : 0;
}

void Network::end_unix_datagrams(std::int32_t descriptor, Socket& socket) {
  unix_names_[socket.name].bound = -1;
  socket.unix_received.clear();
  retry_unix_senders(descriptor);
}

/// Those that wait for room in a socket's queue.
void Network::retry_unix_senders(std::int32_t receiver) {
  for (std::size_t i = 0; i < sockets_.size(); ++i) {
    if (!sockets_[i].open || sockets_[i].peer_socket != receiver) continue;
    retry(kFirstDescriptor + static_cast<std::int32_t>(i), 1);
  }
}

void Network::attempt_unix_datagram(std::int32_t descriptor, Socket& on, Lane& lane) {
  switch (lane.op) {
    case OpCode::kReceiveFromUnix:
      return attempt_receive_unix(descriptor, on, lane);
    case OpCode::kAwait:
      if (on.shut || !on.unix_received.empty()) decide(descriptor, 0, 0);
      return;
    default:
      return attempt_send_unix(descriptor, on, lane);
  }
}

void Network::attempt_receive_unix(std::int32_t descriptor, Socket& on, Lane& lane) {
  if (on.shut) return decide(descriptor, 0, 0);
  if (on.unix_received.empty()) return;
  const UnixDatagram datagram = std::move(on.unix_received.front());
  on.unix_received.pop_front();
  const std::size_t size = std::min<std::size_t>(lane.size, datagram.bytes.size());
  if (size > 0) std::memcpy(const_cast<std::byte*>(lane.data), datagram.bytes.data(), size);
  auto& operand = *reinterpret_cast<UnixDatagramOperand*>(lane.operand);
  operand.cut_off = size < datagram.bytes.size();
  operand.who = datagram.from;
  lane.bytes_hash = hash_bytes(std::span(datagram.bytes).first(size));
  decide(descriptor, 0, static_cast<std::int32_t>(size));
  retry_unix_senders(descriptor);
}

void Network::attempt_send_unix(std::int32_t descriptor, Socket& on, Lane& lane) {
  const bool elsewhere = lane.op == OpCode::kSendToUnix;
  if (on.shut) return decide(descriptor, 1, -EPIPE);
  if (!elsewhere && !on.has_peer) return decide(descriptor, 1, -ENOTCONN);
  std::uint32_t name = on.peer_name;
  std::int32_t receiver = on.peer_socket;
  if (elsewhere) {
    const auto& to = *reinterpret_cast<const net::UnixAddress*>(lane.operand);
    if (to.why_not() != 0) return decide(descriptor, 1, -EINVAL);
    name = unix_name(to);
    const std::int32_t found = find_unix_receiver(name, on.name, receiver);
    if (found < 0) return decide(descriptor, 1, found);
  } else if (receiver >= 0 && !at(receiver).open) {
    on.has_peer = false;  // said once
    return decide(descriptor, 1, -ECONNREFUSED);
  }
  if (lane.size > kLargest) return decide(descriptor, 1, -EMSGSIZE);
  const std::span<const std::byte> bytes(lane.data, lane.size);
  if (receiver >= 0 && at(receiver).unix_received.size() >= kQueueMost) {
    if (elsewhere) decide(descriptor, 1, -EAGAIN);
    return;
  }
  lane.bytes_hash = hash_bytes(bytes);
  ++counts_.datagrams;
  const net::UnixAddress from(unix_names_[on.name].text);
  decide(descriptor, 1, static_cast<std::int32_t>(lane.size));
  if (receiver < 0) return user_.peer_unix_datagram(unix_names_[name].takes_datagrams, from, bytes);
  at(receiver).unix_received.push_back({from, {bytes.begin(), bytes.end()}});
  retry(receiver, 0);
}

void Network::peer_takes_datagrams(std::uint32_t peer, const net::UnixAddress& address) {
  unix_names_[unix_name(address)].takes_datagrams = peer;
}

bool Network::peer_sends_datagram(std::uint32_t peer, const net::UnixAddress& address,
                                  std::span<const std::byte> bytes) {
  const auto own = std::ranges::find(unix_names_, peer, &UnixName::takes_datagrams);
  const std::uint32_t sender =
      own == unix_names_.end() ? kNoName : static_cast<std::uint32_t>(own - unix_names_.begin());
  const net::UnixAddress from =
      sender == kNoName ? net::UnixAddress() : net::UnixAddress(unix_names_[sender].text);
  std::int32_t receiver = -1;
  if (find_unix_receiver(unix_name(address), sender, receiver) < 0 || receiver < 0) return false;
  if (at(receiver).unix_received.size() >= kQueueMost) return false;
  trace_.record(now(), TraceKind::kDatagram, {peer, 0, bytes.size(), hash_bytes(bytes), 0, 0});
  at(receiver).unix_received.push_back({from, {bytes.begin(), bytes.end()}});
  retry(receiver, 0);
  return true;
}

}  // namespace tina::sim
