// SPDX-License-Identifier: Apache-2.0
// See network.h. The peers' side, and how bytes travel between both.
#include "sim/network.h"

namespace tina::sim {
namespace {

constexpr std::uint64_t kLatencyNs = 20'000;
constexpr std::uint64_t kJitterNs = 60'000;
constexpr std::uint64_t kSlowNs = 2'000'000;
constexpr std::uint64_t kRequestAgainNs = 1'000'000'000;
constexpr unsigned kRequestsMax = 6;
constexpr std::size_t kSegmentMax = 4 * 1460;
constexpr std::uint16_t kFirstPeerPort = 32768;
constexpr std::uint32_t kPeerPorts = 28000;

/// Where connections break: anywhere in what a few rounds move.
constexpr std::uint64_t kBreakWithin = 8192;

}  // namespace

std::uint32_t Network::connect(std::uint32_t peer, std::uint16_t port, std::uint32_t address) {
  ++counts_.connections;
  const std::uint32_t number = new_connection(peer, port, address);
  trace_.record(now(), TraceKind::kConnect, {number, peer, port, address, 0, 0});
  return number;
}

std::uint32_t Network::new_connection(std::uint32_t peer, std::uint16_t port,
                                      std::uint32_t address) {
  const std::uint32_t number = make_connection(peer, port, address);
  clock_.in(kLatencyNs + chooser_.choose(Domain::kLatency, number, kJitterNs), EventKind::kConnect,
            number, 0);
  return number;
}

/// A connection of which nobody has been asked yet.
std::uint32_t Network::make_connection(std::uint32_t peer, std::uint16_t port,
                                       std::uint32_t address) {
  const auto number = static_cast<std::uint32_t>(connections_.size());
  Connection& made = connections_.emplace_back();
  made.peer = peer;
  made.source =
      net::Address::v4(address, static_cast<std::uint16_t>(kFirstPeerPort + number % kPeerPorts));
  made.port = port;
  made.excused = all_excused_;
  // Small buffers are the ones that fill up.
  made.to_system.capacity = std::size_t{1024} << chooser_.choose(Domain::kCapacity, number, 7);
  made.to_peer.capacity = std::size_t{1024} << chooser_.choose(Domain::kCapacity, number, 7);
  if (chooser_.chance(Domain::kReset, number, faults_.reset)) {
    made.breaks_at = 1 + chooser_.choose(Domain::kReset, number, kBreakWithin);
  }
  return number;
}

void Network::request(std::uint32_t number) {
  Connection& asked = connections_[number];
  if (asked.outgoing) return request_outgoing(number);
  if (asked.peer_gone) return;
  const std::int32_t listener = choose_listener(number, asked.port);
  if (listener < 0) {
    ++counts_.refused;
    trace_.record(now(), TraceKind::kRefused, {number, 0, 0, 0, 0, 0});
    close_for_peer(number, Closed::kRefused);
    return;
  }
  Socket& on = at(listener);
  if (on.backlog.size() >= on.backlog_max) {
    if (++asked.requests == kRequestsMax) {
      close_for_peer(number, Closed::kUnreachable);
    } else {
      clock_.in(kRequestAgainNs, EventKind::kConnect, number, 0);
    }
    return;
  }
  on.backlog.push_back(number);
  const std::uint64_t latency = kLatencyNs + chooser_.choose(Domain::kLatency, number, kJitterNs);
  asked.to_peer.last_arrival_ns = now() + latency;
  clock_.in(latency, EventKind::kConnected, number, 0);
  retry(listener, 0);
}

std::int32_t Network::choose_listener(std::uint32_t number, std::uint16_t port) {
  if (const std::uint32_t name = connections_[number].name; name != kNoName) {
    return unix_names_[name].bound;
  }
  const auto found = listeners_.find(port);
  if (found == listeners_.end() || found->second.empty()) return -1;
  return found->second[chooser_.choose(Domain::kListener, number, found->second.size())];
}

void Network::send(std::uint32_t number, std::span<const std::byte> bytes) {
  Connection& from = connections_[number];
  if (from.peer_gone || from.finishing) return;
  from.unsent.append(bytes);
  pump(number);
}

void Network::finish(std::uint32_t number) {
  Connection& from = connections_[number];
  from.leaving = true;
  from.finishing = true;
  pump(number);
}

void Network::leave(std::uint32_t number, bool at_once) {
  Connection& from = connections_[number];
  from.leaving = true;
  from.peer_gone = true;
  // As Linux does: closing over unread bytes is a reset.
  if (!at_once && from.to_peer.arrived.empty()) {
    from.finishing = true;
    pump(number);
    return;
  }
  from.unsent.clear();
  from.to_system.ended = true;
  fly(number, true, Mark::kReset, {});
}

void Network::hold(std::uint32_t number, bool held) {
  connections_[number].held = held;
  give_to_peer(number);
}

void Network::pump(std::uint32_t number) {
  Connection& from = connections_[number];
  Pipe& pipe = from.to_system;
  if (!from.established || pipe.ended) return;
  while (!from.unsent.empty() && pipe.room() > 0) {
    const std::span<const std::byte> bytes = from.unsent.front(std::min(pipe.room(), kSegmentMax));
    fly(number, true, Mark::kBytes, bytes);
    from.unsent.take(bytes.size());
  }
  if (from.unsent.empty() && from.twin != kNoConnection) give_to_twin(from.twin);
  if (!from.finishing || !from.unsent.empty() || pipe.ended) return;
  pipe.ended = true;
  fly(number, true, Mark::kEnd, {});
  if (from.kept && from.end_told) close_for_peer(number, Closed::kEnd);
}

void Network::fly(std::uint32_t number, bool to_system, Mark mark,
                  std::span<const std::byte> bytes) {
  Connection& connection = connections_[number];
  Pipe& pipe = to_system ? connection.to_system : connection.to_peer;
  pipe.flying.push_back({mark, {bytes.begin(), bytes.end()}});
  pipe.flying_bytes += bytes.size();
  const std::uint64_t entity = 2 * std::uint64_t{number} + (to_system ? 1 : 0);
  std::uint64_t latency = kLatencyNs + chooser_.choose(Domain::kLatency, entity, kJitterNs);
  if (chooser_.chance(Domain::kLatency, entity, faults_.slow_segment)) {
    latency += chooser_.choose(Domain::kLatency, entity, kSlowNs);
  }
  pipe.last_arrival_ns = std::max(pipe.last_arrival_ns, now() + latency);
  clock_.in(pipe.last_arrival_ns - now(), EventKind::kSegment, number, 0,
            static_cast<std::uint8_t>(to_system ? 1 : 0));
}

void Network::arrive(std::uint32_t number, bool to_system) {
  Connection& connection = connections_[number];
  Pipe& pipe = to_system ? connection.to_system : connection.to_peer;
  if (pipe.flying.empty()) return;  // broken on the way
  Segment segment = std::move(pipe.flying.front());
  pipe.flying.pop_front();
  pipe.flying_bytes -= segment.bytes.size();
  const std::size_t moved = segment.bytes.size();
  if (to_system) {
    arrive_at_system(number, connection, segment);
  } else {
    if (faults_.lost_byte != 0) lose_planted(segment);
    arrive_at_peer(number, connection, segment);
  }
  count_moved(number, moved);
}

void Network::arrive_at_system(std::uint32_t number, Connection& connection,
                               const Segment& segment) {
  Pipe& pipe = connection.to_system;
  if (connection.system_gone) {
    if (segment.mark == Mark::kBytes) fly(number, false, Mark::kReset, {});
    return;
  }
  switch (segment.mark) {
    case Mark::kBytes:
      pipe.arrived.append(segment.bytes);
      counts_.bytes_to_system += segment.bytes.size();
      break;
    case Mark::kEnd:
      pipe.end_arrived = true;
      break;
    case Mark::kReset:
      pipe.reset();  // what has arrived before it can still be read
      connection.to_peer.ended = true;
      break;
  }
  if (connection.descriptor < 0) return;
  retry(connection.descriptor, 0);
  retry(connection.descriptor, 1);
}

void Network::arrive_at_peer(std::uint32_t number, Connection& connection, const Segment& segment) {
  Pipe& pipe = connection.to_peer;
  if (connection.peer_gone) {
    if (segment.mark != Mark::kBytes || pipe.reset_arrived) return;
    pipe.reset_arrived = true;  // answered once
    fly(number, true, Mark::kReset, {});
    return;
  }
  switch (segment.mark) {
    case Mark::kBytes:
      pipe.arrived.append(segment.bytes);
      break;
    case Mark::kEnd:
      pipe.end_arrived = true;
      break;
    case Mark::kReset:
      close_for_peer(number, Closed::kReset);
      return;
  }
  give_to_peer(number);
}

void Network::lose_planted(Segment& segment) {
  const std::uint64_t before = counts_.bytes_to_peers;
  const bool here =
      before < faults_.lost_byte && before + segment.bytes.size() >= faults_.lost_byte;
  if (here) segment.bytes.pop_back();
}

void Network::count_moved(std::uint32_t number, std::size_t bytes) {
  Connection& connection = connections_[number];
  const bool before = connection.moved < connection.breaks_at;
  connection.moved += bytes;
  const bool over = connection.peer_gone && connection.system_gone;
  if (before && connection.moved >= connection.breaks_at && !over) break_connection(number);
}

void Network::break_connection(std::uint32_t number) {
  Connection& connection = connections_[number];
  ++counts_.resets;
  trace_.record(now(), TraceKind::kReset, {number, 0, 0, 0, 0, 0});
  connection.excused = true;
  for (Pipe* const pipe : {&connection.to_system, &connection.to_peer}) {
    pipe->flying.clear();
    pipe->flying_bytes = 0;
    pipe->arrived.clear();
    pipe->ended = true;
    pipe->reset();
  }
  close_for_peer(number, Closed::kReset);
  if (connection.descriptor < 0) return;
  retry(connection.descriptor, 0);
  retry(connection.descriptor, 1);
}

void Network::give_to_peer(std::uint32_t number) {
  Connection& connection = connections_[number];
  Pipe& pipe = connection.to_peer;
  if (connection.peer_gone || connection.held || !connection.established) return;
  if (connection.twin != kNoConnection) return give_to_twin(number);
  if (!pipe.arrived.empty()) {
    const std::span<const std::byte> shown = pipe.arrived.front(pipe.arrived.size());
    const std::vector<std::byte> bytes(shown.begin(), shown.end());
    pipe.arrived.clear();
    counts_.bytes_to_peers += bytes.size();
    trace_.record(now(), TraceKind::kPeerBytes, {number, bytes.size(), hash_bytes(bytes), 0, 0, 0});
    user_.peer_bytes(connection.peer, bytes);
    if (connection.descriptor >= 0) retry(connection.descriptor, 1);
  }
  if (!pipe.end_arrived || !pipe.arrived.empty() || connection.peer_gone) return;
  if (!connection.kept || connection.to_system.ended) {
    close_for_peer(number, Closed::kEnd);
  } else if (!connection.end_told) {
    connection.end_told = true;
    user_.peer_finished(connection.peer);
  }
}

void Network::close_for_peer(std::uint32_t number, Closed how) {
  Connection& connection = connections_[number];
  if (connection.peer_gone) return;
  connection.peer_gone = true;
  connection.unsent.clear();
  if (how == Closed::kEnd && !connection.to_system.ended) {
    connection.to_system.ended = true;
    fly(number, true, Mark::kEnd, {});
  }
  trace_.record(now(), TraceKind::kPeerClosed,
                {number, static_cast<std::uint64_t>(how), 0, 0, 0, 0});
  if (connection.twin != kNoConnection) return lose_twin(number, how);
  const bool died = how == Closed::kEnd || how == Closed::kReset;
  if (died && !connection.leaving && !connection.end_expected && !connection.excused) {
    user_.failed("connection " + std::to_string(number) + " of peer " +
                 std::to_string(connection.peer) + " died unexpectedly (" +
                 (how == Closed::kEnd ? "end" : "reset") + ", no fault was injected into it)");
  }
  user_.peer_closed(connection.peer, how);
}

}  // namespace tina::sim
