// SPDX-License-Identifier: Apache-2.0
// See network.h. Connections that the system asks for: to a peer that listens, or to a listener of
// the system itself. The latter are two connections back to back, one of the socket that connects
// and one of the socket that is accepted; what arrives at the far end of one goes into the other.
#include <cerrno>

#include "sim/network.h"

namespace tina::sim {
namespace {

using internal::OpCode;

constexpr std::uint32_t kOwnAddress = 0x7f000001;
constexpr std::uint64_t kAnswerNs = 20'000;
constexpr std::uint64_t kAnswerJitterNs = 60'000;
/// When the kernel gives up a connect that nobody answers: Linux takes about two minutes.
constexpr std::uint64_t kSilenceNs = 127'000'000'000;

}  // namespace

const Kind kTcpStreams{.open = [](Network& network, unsigned shard, const internal::OpenRequest&) {
  return network.open_stream(shard);
}};

std::int32_t Network::open_stream(unsigned shard) {
  Fate fate = Fate::kAnswered;
  if (chooser_.chance(Domain::kConnectError, shard, faults_.connect_error)) {
    fate = static_cast<Fate>(1 + chooser_.choose(Domain::kConnectError, shard, 4));
    ++counts_.connect_errors;
  }
  const bool opens = fate != Fate::kNoDescriptor && !exhausted();
  const std::int32_t result = opens ? new_socket(shard) : -EMFILE;
  if (opens) at(result).fate = fate;
  trace_.record(now(), TraceKind::kOpen, {shard, static_cast<std::uint32_t>(result), 0, 0, 0, 0});
  return result;
}

void Network::attempt_connect(std::int32_t descriptor, Socket& on, Lane& lane) {
  if (on.shut) {
    decide(descriptor, 0, -ECONNABORTED);
    return;
  }
  if (on.connection != kNoConnection) return;  // its request is on its way
  ++counts_.connects;
  on.connection = new_connection(kNoPeer, lane.address->address.port, kOwnAddress);
  Connection& asked = connections_[on.connection];
  asked.outgoing = true;
  asked.descriptor = descriptor;
  trace_.record(now(), TraceKind::kConnectOut,
                {on.connection, on.shard, static_cast<std::uint64_t>(descriptor),
                 lane.address->address.port, lane.address->address.v4_host(), 0});
}

/// The request has arrived where it goes.
void Network::request_outgoing(std::uint32_t number) {
  Connection& asked = connections_[number];
  Socket* const from = asked.descriptor >= 0 ? &at(asked.descriptor) : nullptr;
  if (from == nullptr || from->shut || from->lane[0].phase != LanePhase::kWaiting) {
    asked.peer_gone = true;  // nobody wants it any more
    return;
  }
  if (from->fate == Fate::kSilent) {
    asked.peer_gone = true;
    clock_.in(kSilenceNs, EventKind::kConnectTimeout, static_cast<std::uint32_t>(asked.descriptor),
              from->lane[0].serial);
  } else if (from->fate == Fate::kUnreachable) {
    end_connect(number, -EHOSTUNREACH);
  } else if (from->fate == Fate::kRefused) {
    end_connect(number, -ECONNREFUSED);
  } else if (const auto own = listeners_.find(asked.port);
             own != listeners_.end() && !own->second.empty()) {
    asked.twin = new_connection(kNoPeer, asked.port, asked.source.v4_host());
    connections_[asked.twin].twin = number;
    connections_[asked.twin].source = asked.source;
  } else {
    accept_by_peer(number, asked.port);
  }
}

void Network::accept_by_peer(std::uint32_t number, std::uint16_t port) {
  std::vector<std::uint32_t>& waiting = offers_[port];
  if (waiting.empty()) {
    end_connect(number, -ECONNREFUSED);
    return;
  }
  const auto chosen =
      static_cast<std::ptrdiff_t>(chooser_.choose(Domain::kListener, number, waiting.size()));
  Connection& asked = connections_[number];
  asked.peer = waiting[static_cast<std::size_t>(chosen)];
  waiting.erase(waiting.begin() + chosen);
  const std::uint64_t latency =
      kAnswerNs + chooser_.choose(Domain::kLatency, number, kAnswerJitterNs);
  asked.to_system.last_arrival_ns = now() + latency;  // nothing overtakes the answer
  clock_.in(latency, EventKind::kConnected, number, 0);
  asked.established = true;
  user_.peer_accepted(asked.peer, number);
}

void Network::offer(std::uint32_t peer, std::uint16_t port) { offers_[port].push_back(peer); }

/// The socket that asked for a connection learns how that has ended, if it still waits.
void Network::end_connect(std::uint32_t number, std::int32_t value) {
  Connection& asked = connections_[number];
  if (value < 0) {
    ++counts_.refused;
    asked.peer_gone = true;
    trace_.record(now(), TraceKind::kRefused, {number, 0, 0, 0, 0, 0});
  }
  if (asked.descriptor < 0) return;
  const Lane& lane = at(asked.descriptor).lane[0];
  if (lane.op != OpCode::kConnect || lane.phase != LanePhase::kWaiting) return;
  decide(asked.descriptor, 0, value);
}

/// The answer to a request has arrived.
void Network::established(std::uint32_t number) {
  Connection& made = connections_[number];
  made.established = true;
  if (made.outgoing && made.name != kNoName) {
    user_.peer_accepted(made.peer, number);
  } else if (made.outgoing) {
    end_connect(number, 0);
  } else if (made.twin != kNoConnection) {
    connections_[made.twin].established = true;
    end_connect(made.twin, 0);
    pump(made.twin);
    give_to_peer(made.twin);
  } else if (!made.peer_gone) {
    user_.peer_connected(made.peer);
  }
  pump(number);
  give_to_peer(number);
}

/// What has arrived at the far end of one half leaves from that of the other, as far as that has
/// room: a reader that stops stops the writer.
void Network::give_to_twin(std::uint32_t number) {
  Connection& connection = connections_[number];
  Pipe& pipe = connection.to_peer;
  if (connection.peer_gone || !connection.established) return;
  if (!pipe.arrived.empty() && connections_[connection.twin].unsent.empty()) {
    const std::span<const std::byte> shown = pipe.arrived.front(pipe.arrived.size());
    const std::vector<std::byte> bytes(shown.begin(), shown.end());
    pipe.arrived.clear();
    send(connection.twin, bytes);
    if (connection.descriptor >= 0) retry(connection.descriptor, 1);
  }
  if (!pipe.end_arrived || !pipe.arrived.empty() || connection.end_told) return;
  connection.end_told = true;
  finish(connection.twin);
}

/// One half is gone at its far end; the other one's socket is told.
void Network::lose_twin(std::uint32_t number, Closed how) {
  const Connection& lost = connections_[number];
  Connection& other = connections_[lost.twin];
  if (how == Closed::kRefused || how == Closed::kUnreachable) {
    end_connect(lost.twin, how == Closed::kRefused ? -ECONNREFUSED : -ETIMEDOUT);
    return;
  }
  other.excused = other.excused || lost.excused;
  if (!other.peer_gone) leave(lost.twin, true);
}

}  // namespace tina::sim
