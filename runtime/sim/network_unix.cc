// SPDX-License-Identifier: Apache-2.0
// See network.h. Unix sockets: an address leads to one socket of the system, or to peers that
// listen there. A connect ends at once, since both ends are on one machine; then its bytes travel
// as those of other connections do.
#include <algorithm>
#include <cerrno>

#include "sim/network.h"

namespace tina::sim {
namespace {

using internal::IoKind;
using internal::OpCode;

constexpr std::uint64_t kAnswerNs = 5'000;
constexpr std::uint64_t kAnswerJitterNs = 20'000;
/// In the trace their numbers lie beyond all ports.
constexpr std::uint64_t kBeyondPorts = 65'536;

}  // namespace

const Kind kUnixStreams{
    .open = [](Network& network, unsigned shard, const internal::OpenRequest& request) {
      return network.open_unix(shard, request);
    }};

/// The number of an address; a new one if nobody has named it.
std::uint32_t Network::unix_name(const net::UnixAddress& address) {
  const auto found = std::ranges::find(unix_names_, address.text(), &UnixName::text);
  const auto number = static_cast<std::uint32_t>(found - unix_names_.begin());
  if (found == unix_names_.end()) unix_names_.push_back({std::string(address.text()), -1, {}});
  return number;
}

std::int32_t Network::open_unix(unsigned shard, const internal::OpenRequest& request) {
  const bool datagrams = request.io.kind == IoKind::kUnixDatagram;
  const bool anywhere =
      datagrams && request.op != OpCode::kConnectUnix && request.unix_address->is_unnamed();
  const std::int32_t wrong = request.unix_address->why_not();
  if (wrong != 0 && !anywhere) return -wrong;
  const std::uint32_t name = anywhere ? kNoName : unix_name(*request.unix_address);
  const bool listens = request.io.kind == IoKind::kUnixListener;
  const std::int32_t result = listens     ? bind_unix(shard, request, name)
                              : datagrams ? open_unix_datagrams(shard, request, name)
                                          : connect_unix(shard, name);
  trace_.record(now(), listens ? TraceKind::kListen : TraceKind::kOpen,
                {shard, listens ? kBeyondPorts + name : static_cast<std::uint32_t>(result),
                 listens ? static_cast<std::uint32_t>(result) : kBeyondPorts + name, 0, 0, 0});
  return result;
}

std::int32_t Network::bind_unix(unsigned shard, const internal::OpenRequest& request,
                                std::uint32_t name) {
  UnixName& at_name = unix_names_[name];
  if (taken(at_name)) return -EADDRINUSE;
  if (exhausted()) return -EMFILE;
  const std::int32_t result = new_socket(shard);
  at_name.bound = result;
  Socket& opened = at(result);
  opened.name = name;
  opened.listener = true;
  opened.backlog_max = std::size_t{request.io.backlog} + 1;  // as the kernel counts them
  return result;
}

std::int32_t Network::connect_unix(unsigned shard, std::uint32_t name) {
  if (chooser_.chance(Domain::kConnectError, shard, faults_.connect_error)) {
    constexpr std::int32_t kErrors[] = {EMFILE, ECONNREFUSED, ENOENT, EAGAIN};
    ++counts_.connect_errors;
    return -kErrors[chooser_.choose(Domain::kConnectError, shard, std::size(kErrors))];
  }
  if (exhausted()) return -EMFILE;
  UnixName& there = unix_names_[name];
  const bool own = there.bound >= 0;
  if (!own && there.takes_datagrams != kNoPeer) return -EPROTOTYPE;
  if (!own && there.offers.empty()) return nobody_at(there);
  if (own && !at(there.bound).listener) return -EPROTOTYPE;
  if (own && at(there.bound).backlog.size() >= at(there.bound).backlog_max) return -EAGAIN;
  const std::int32_t result = new_socket(shard);
  const std::uint32_t number = make_connection(kNoPeer, 0, 0);
  ++counts_.connects;
  at(result).connection = number;
  Connection& asked = connections_[number];
  asked.name = name;
  asked.outgoing = true;
  asked.descriptor = result;
  if (own) {
    const std::uint32_t twin = make_connection(kNoPeer, 0, 0);
    connections_[number].twin = twin;
    connections_[twin].twin = number;
    connections_[twin].name = name;
    connections_[number].established = connections_[twin].established = true;
    at(there.bound).backlog.push_back(twin);
    retry(there.bound, 0);
    return result;
  }
  const auto chosen =
      static_cast<std::ptrdiff_t>(chooser_.choose(Domain::kListener, number, there.offers.size()));
  asked.peer = there.offers[static_cast<std::size_t>(chosen)];
  there.offers.erase(there.offers.begin() + chosen);
  const std::uint64_t latency =
      kAnswerNs + chooser_.choose(Domain::kLatency, number, kAnswerJitterNs);
  asked.to_system.last_arrival_ns = now() + latency;
  clock_.in(latency, EventKind::kConnected, number, 0);
  return result;
}

/// A path without a file, as of one that has been closed; or a name that nobody has.
std::int32_t Network::nobody_at(const UnixName& name) {
  return name.text.starts_with('@') ? -ECONNREFUSED : -ENOENT;
}

std::uint32_t Network::connect(std::uint32_t peer, const net::UnixAddress& address) {
  ++counts_.connections;
  const std::uint32_t number = new_connection(peer, 0, 0);
  connections_[number].name = unix_name(address);
  trace_.record(now(), TraceKind::kConnect,
                {number, peer, kBeyondPorts + connections_[number].name, 0, 0, 0});
  return number;
}

void Network::offer(std::uint32_t peer, const net::UnixAddress& address) {
  unix_names_[unix_name(address)].offers.push_back(peer);
}

/// Whether what is sent reaches nobody any more: the other end is closed.
bool Network::far_end_gone(const Connection& connection) const {
  if (connection.twin != kNoConnection) return connections_[connection.twin].system_gone;
  return connection.established && connection.peer_gone;
}

}  // namespace tina::sim
