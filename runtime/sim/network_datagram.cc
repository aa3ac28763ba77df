// SPDX-License-Identifier: Apache-2.0
// See network.h. Datagrams between the system's sockets, and between them and peers: each arrives
// whole, or not at all, or twice, and later than one that was sent after it. Where nobody takes
// one, a connected sender is told. What is too much for a receiver's buffer is lost, as in a
// kernel.
#include <cerrno>
#include <cstring>
#include <utility>

#include "sim/network.h"

namespace tina::sim {
namespace {

using internal::OpCode;

constexpr std::uint64_t kLatencyNs = 20'000;
constexpr std::uint64_t kJitterNs = 60'000;
constexpr std::uint64_t kLateNs = 50'000'000;
constexpr std::size_t kLargest = 65'507;
constexpr std::size_t kReceiveBufferMax = 212'992;
constexpr std::uint16_t kFirstOwnPort = 49'152;
constexpr std::uint16_t kFirstPeerPort = 40'000;

net::Address here(std::uint16_t port) { return net::Address::loopback(port); }

}  // namespace

const Kind kUdpSockets{
    .open =
        [](Network& network, unsigned shard, const internal::OpenRequest& request) {
          return network.open_datagrams(shard, request);
        },
    .happen = [](Network& network, const Event& event) { network.datagram_arrives(event.serial); }};

constinit const Network::Device Network::kDatagramDevice{
    &Network::attempt_datagram, &Network::end_datagrams, &Network::move_datagrams};

std::int32_t Network::open_datagrams(unsigned shard, const internal::OpenRequest& request) {
  std::int32_t result = 0;
  const bool listens = request.op == OpCode::kNone;
  if (!listens && chooser_.chance(Domain::kConnectError, shard, faults_.connect_error)) {
    ++counts_.connect_errors;
    result = -EMFILE;
  } else if (exhausted()) {
    result = -EMFILE;
  }
  std::uint16_t port = request.op == OpCode::kConnect ? std::uint16_t{0} : request.address.port;
  while (port == 0) {
    port = next_datagram_port_++;
    if (next_datagram_port_ == 0) next_datagram_port_ = kFirstOwnPort;
    if (datagram_sockets_.contains(port) && !datagram_sockets_[port].empty()) port = 0;
  }
  for (const std::int32_t other : datagram_sockets_[port]) {
    if (!request.io.reuse_port || !at(other).reuse_port) result = -EADDRINUSE;
  }
  if (result == 0) {
    result = new_socket(shard);
    Socket& opened = at(result);
    opened.device = &kDatagramDevice;
    opened.port = port;
    opened.reuse_port = request.io.reuse_port;
    datagram_sockets_[port].push_back(result);
  }
  trace_.record(now(), TraceKind::kOpen,
                {shard, static_cast<std::uint32_t>(result), request.address.port, 0, 0, 0});
  return result;
}

void Network::end_datagrams(std::int32_t descriptor, Socket& socket) {
  std::erase(datagram_sockets_[socket.port], descriptor);
  socket.received.clear();
  socket.received_bytes = 0;
}

void Network::attempt_datagram(std::int32_t descriptor, Socket& on, Lane& lane) {
  switch (lane.op) {
    case OpCode::kConnect:
      return connect_datagrams(descriptor, on, lane);
    case OpCode::kReceiveFrom:
      return attempt_receive_from(descriptor, on, lane);
    case OpCode::kAwait:
      if (on.shut || on.failure != 0 || !on.received.empty()) decide(descriptor, 0, 0);
      return;
    case OpCode::kAwaitRoom:
      return decide(descriptor, 1, 0);
    default:
      return attempt_send_datagram(descriptor, on, lane);
  }
}

Network::Datagram Network::next_datagram(Socket& on) {
  Datagram datagram = std::move(on.received.front());
  on.received.pop_front();
  on.received_bytes -= datagram.bytes.size();
  return datagram;
}

void Network::attempt_receive_from(std::int32_t descriptor, Socket& on, Lane& lane) {
  if (on.shut) return decide(descriptor, 0, 0);
  if (on.failure != 0) return decide(descriptor, 0, -std::exchange(on.failure, 0));
  if (on.received.empty()) return;
  const Datagram datagram = next_datagram(on);
  const std::size_t size = std::min<std::size_t>(lane.size, datagram.bytes.size());
  if (size > 0) std::memcpy(const_cast<std::byte*>(lane.data), datagram.bytes.data(), size);
  auto& operand = *reinterpret_cast<internal::DatagramOperand*>(lane.operand);
  operand.cut_off = size < datagram.bytes.size();
  operand.who.address = datagram.from;
  lane.bytes_hash = hash_bytes(std::span(datagram.bytes).first(size));
  decide(descriptor, 0, static_cast<std::int32_t>(size));
}

void Network::attempt_send_datagram(std::int32_t descriptor, Socket& on, Lane& lane) {
  const auto* const to =
      lane.op == OpCode::kSendTo ? reinterpret_cast<const net::Address*>(lane.operand) : nullptr;
  const std::span<const std::byte> bytes(lane.data, lane.size);
  const std::int32_t value = send_datagram(descriptor, on, to, bytes);
  if (value >= 0) lane.bytes_hash = hash_bytes(bytes);
  decide(descriptor, 1, value);
}

/// Hands over one datagram: its size, or minus an errno. `to`: null, to the socket's peer.
std::int32_t Network::send_datagram(std::int32_t descriptor, Socket& on, const net::Address* to,
                                    std::span<const std::byte> bytes) {
  const std::uint16_t port = to != nullptr ? to->port : on.peer_port;
  if (on.failure != 0) return -std::exchange(on.failure, 0);
  if (to == nullptr && !on.has_peer) return -EDESTADDRREQ;
  if (port == 0) return -EINVAL;
  if (bytes.size() > kLargest) return -EMSGSIZE;
  fly_datagram({here(on.port), {bytes.begin(), bytes.end()}, port, descriptor});
  return static_cast<std::int32_t>(bytes.size());
}

std::int32_t Network::move_batch(unsigned shard, const internal::Operation& operation) {
  Socket* const on = socket(shard, operation.descriptor, "a batch");
  if (on == nullptr) return -EBADF;
  on->owner = {operation.token.type(), operation.token.slot(), true};
  const auto entity = static_cast<std::uint64_t>(operation.descriptor);
  std::int32_t moved = -EIO;
  if (!chooser_.chance(Domain::kIoError, entity, faults_.io_error)) {
    moved = (this->*on->device->move_batch)(*on, operation);
  } else {
    ++counts_.io_errors;
  }
  trace_.record(now(), TraceKind::kCompletion,
                {shard, operation.token.bits, static_cast<std::uint32_t>(moved), 0, 0, 0});
  return moved;
}

std::int32_t Network::move_datagrams(Socket& on, const internal::Operation& operation) {
  return operation.op == OpCode::kReceiveBatch ? receive_batch(on, operation)
                                               : send_batch(on, operation);
}

/// What is there, or less, as if the rest had come a moment later.
std::int32_t Network::receive_batch(Socket& on, const internal::Operation& operation) {
  if (on.shut) return 0;
  if (on.failure != 0) return -std::exchange(on.failure, 0);
  const std::size_t most = std::min<std::size_t>(operation.size, on.received.size());
  if (most == 0) return -EAGAIN;
  const auto entity = static_cast<std::uint32_t>(operation.descriptor);
  const std::size_t count =
      shorten(Domain::kReadSize, entity, most, counts_.short_reads, faults_.short_read);
  auto& batch = operation.as<internal::Batch>();
  for (std::size_t i = 0; i < count; ++i) {
    const Datagram datagram = next_datagram(on);
    net::Datagram& into = batch.datagrams()[i];
    internal::BlockHandle& buffer = into.data.handle();
    into.from = datagram.from;
    into.cut_off = datagram.bytes.size() > buffer.size;
    buffer.size = std::min(buffer.size, static_cast<std::uint32_t>(datagram.bytes.size()));
    if (buffer.size > 0) std::memcpy(buffer.data, datagram.bytes.data(), buffer.size);
  }
  return static_cast<std::int32_t>(count);
}

/// As many as there is room for, sometimes none. One that cannot be sent ends it before itself.
std::int32_t Network::send_batch(Socket& on, const internal::Operation& operation) {
  auto& batch = operation.as<internal::Batch>();
  const auto entity = static_cast<std::uint32_t>(operation.descriptor);
  if (chooser_.chance(Domain::kWriteSize, entity, faults_.short_write)) {
    ++counts_.short_writes;
    return -EAGAIN;
  }
  const std::size_t count = shorten(Domain::kWriteSize, entity, operation.size,
                                    counts_.short_writes, faults_.short_write);
  for (std::size_t i = 0; i < count; ++i) {
    const internal::AddressOperand& to = batch.to()[operation.done + i];
    const internal::GatherPart& part = operation.parts()[i];
    const std::int32_t sent = send_datagram(
        operation.descriptor, on, to.given != 0 ? &to.address : nullptr, {part.data, part.size});
    if (sent < 0) return i == 0 ? sent : static_cast<std::int32_t>(i);
  }
  return static_cast<std::int32_t>(count);
}

void Network::connect_datagrams(std::int32_t descriptor, Socket& on, const Lane& lane) {
  on.has_peer = true;
  on.peer_port = lane.address->address.port;
  decide(descriptor, 0, 0);
}

/// Sends a datagram on its way, perhaps nowhere, perhaps twice.
void Network::fly_datagram(Datagram datagram) {
  const std::uint64_t entity = datagram.from.port;
  ++counts_.datagrams;
  const bool lost = chooser_.chance(Domain::kDatagramLoss, entity, faults_.datagram_loss);
  const bool twice = chooser_.chance(Domain::kDatagramTwice, entity, faults_.datagram_twice);
  trace_.record(now(), TraceKind::kDatagram,
                {datagram.from.port, datagram.port, datagram.bytes.size(),
                 hash_bytes(datagram.bytes), lost, twice});
  counts_.datagrams_lost += lost;
  counts_.datagrams_twice += twice;
  if (lost) return;
  for (int copies = twice ? 2 : 1; copies > 0; --copies) {
    std::uint64_t latency = kLatencyNs + chooser_.choose(Domain::kDatagramLate, entity, kJitterNs);
    if (chooser_.chance(Domain::kDatagramLate, entity, faults_.datagram_late)) {
      latency += chooser_.choose(Domain::kDatagramLate, entity, kLateNs);
    }
    flying_.emplace(++flying_serial_, datagram);
    clock_.in(latency, EventKind::kDatagram, 0, flying_serial_);
  }
}

/// The socket that takes a datagram: one that has its sender as its peer, before those that take
/// any; -1: nobody.
std::int32_t Network::choose_datagram_socket(const Datagram& datagram) {
  const auto found = datagram_sockets_.find(datagram.port);
  if (found == datagram_sockets_.end()) return -1;
  std::vector<std::int32_t> open;
  for (const std::int32_t one : found->second) {
    const Socket& candidate = at(one);
    if (candidate.shut) continue;
    if (candidate.has_peer && candidate.peer_port == datagram.from.port) return one;
    if (!candidate.has_peer) open.push_back(one);
  }
  if (open.empty()) return -1;
  return open[chooser_.choose(Domain::kListener, datagram.from.port, open.size())];
}

void Network::datagram_arrives(std::uint64_t serial) {
  const auto found = flying_.find(serial);
  const Datagram datagram = std::move(found->second);
  flying_.erase(found);
  if (const std::int32_t taker = choose_datagram_socket(datagram); taker >= 0) {
    Socket& on = at(taker);
    if (on.received_bytes + datagram.bytes.size() > kReceiveBufferMax) {
      ++counts_.datagrams_lost;
      return;
    }
    on.received_bytes += datagram.bytes.size();
    on.received.push_back(datagram);
    retry(taker, 0);
  } else if (const auto peer = datagram_peers_.find(datagram.port); peer != datagram_peers_.end()) {
    user_.peer_datagram(peer->second, datagram.from.port, datagram.bytes);
  } else if (datagram.sender >= 0) {
    nobody_took(datagram.sender);
  }
}

void Network::nobody_took(std::int32_t sender) {
  Socket& on = at(sender);
  if (!on.open || !on.has_peer) return;
  on.failure = ECONNREFUSED;
  retry(sender, 0);
  retry(sender, 1);
}

void Network::peer_takes_datagrams(std::uint32_t peer, std::uint16_t port) {
  datagram_peers_[port] = peer;
}

void Network::peer_sends_datagram(std::uint32_t peer, std::uint16_t port,
                                  std::span<const std::byte> bytes) {
  std::uint16_t own = 0;
  for (const auto& [taken, by] : datagram_peers_) {
    if (by == peer && own == 0) own = taken;
  }
  if (own == 0) {
    own = static_cast<std::uint16_t>(kFirstPeerPort + peer);
    datagram_peers_[own] = peer;
  }
  fly_datagram({here(own), {bytes.begin(), bytes.end()}, port, -1});
}

}  // namespace tina::sim
