// SPDX-License-Identifier: Apache-2.0
// See network.h. The system's side: sockets and the operations that shards start on them.
#include <cerrno>
#include <cstring>
#include <utility>

#include "sim/network.h"

namespace tina::sim {
namespace {

using internal::OpCode;

constexpr std::uint64_t key_of(unsigned shard, internal::Token token) {
  return (std::uint64_t{shard} << 48) | token.bits;
}
constexpr unsigned lane_index(OpCode op) {
  const bool writes = op == OpCode::kSend || op == OpCode::kFinish || op == OpCode::kSendTo ||
                      op == OpCode::kSendDatagram || op == OpCode::kSendGathered ||
                      op == OpCode::kSendToUnix || op == OpCode::kSendUnix ||
                      op == OpCode::kSendFile || op == OpCode::kAwaitRoom;
  return writes ? 1 : 0;
}

internal::AddressOperand* address_of(const internal::Operation& operation) {
  const bool has = operation.op == OpCode::kConnect || operation.op == OpCode::kAccept;
  return has ? &operation.as<internal::AddressOperand>() : nullptr;
}
/// Where a connect goes, for the trace.
std::uint64_t destination(const internal::Operation& operation) {
  if (operation.op != OpCode::kConnect && operation.op != OpCode::kSendTo) return 0;
  const net::Address& to = operation.as<internal::AddressOperand>().address;
  return std::uint64_t{to.v4_host()} << 16 | to.port;
}

}  // namespace

const Kind kTcpListeners{
    .open = [](Network& network, unsigned shard, const internal::OpenRequest& request) {
      return network.listen(shard, request);
    }};

Network::Network(Clock& clock, Chooser& chooser, Trace& trace, NetworkUser& user,
                 const NetworkFaults& faults, const Kinds& kinds)
    : clock_(clock), chooser_(chooser), trace_(trace), user_(user), faults_(faults), kinds_(kinds) {
  if (const Kind* const resolvers = find(kinds_, internal::IoKind::kResolver)) {
    names_ = resolvers->make_names(clock, chooser, trace, user, faults.names);
  }
}

Network::Socket* Network::socket(unsigned shard, std::int32_t descriptor, const char* what) {
  const bool known = descriptor >= kFirstDescriptor &&
                     descriptor - kFirstDescriptor < static_cast<std::int32_t>(sockets_.size());
  if (known && at(descriptor).open && at(descriptor).shard == shard) return &at(descriptor);
  user_.failed("shard " + std::to_string(shard) + ": " + what + " of descriptor " +
               std::to_string(descriptor) +
               (known ? ", which is closed or another shard's" : ", which does not exist"));
  return nullptr;
}

std::int32_t Network::new_socket(unsigned shard) {
  sockets_.emplace_back();
  sockets_.back().shard = shard;
  ++open_descriptors_;
  return kFirstDescriptor + static_cast<std::int32_t>(sockets_.size()) - 1;
}

void Network::start(unsigned shard, const internal::Operation& operation) {
  if (operation.op == OpCode::kResolve) {
    names_->start(shard, operation);
    return;
  }
  Socket* const on = socket(shard, operation.descriptor, "an operation");
  if (on == nullptr) return;
  const unsigned index = lane_index(operation.op);
  Lane& lane = on->lane[index];
  const bool fresh =
      lanes_of_token_.emplace(key_of(shard, operation.token), LaneName{operation.descriptor, index})
          .second;
  if (!fresh || lane.phase != LanePhase::kIdle) {
    user_.failed("shard " + std::to_string(shard) + ": two operations at once in one lane");
    return;
  }
  on->owner = {operation.token.type(), operation.token.slot(), true};
  lane = {operation.token,
          operation.data,
          ++serial_,
          0,
          operation.size,
          0,
          operation.op,
          LanePhase::kStarted,
          false,
          address_of(operation),
          operation.operand};
  trace_.record(
      now(), TraceKind::kStart,
      {shard, operation.token.bits, static_cast<std::uint64_t>(operation.op),
       static_cast<std::uint64_t>(operation.descriptor), operation.size, destination(operation)});
  const auto entity = static_cast<std::uint64_t>(operation.descriptor);
  lane.fails = chooser_.chance(Domain::kIoError, entity, faults_.io_error);
  const std::uint64_t delay_ns = operation_delay_ns(operation.descriptor);
  clock_.in(delay_ns + chooser_.choose(Domain::kOperationDelay, entity, 1000),
            EventKind::kOperation, static_cast<std::uint32_t>(operation.descriptor), lane.serial,
            static_cast<std::uint8_t>(index));
}

std::uint64_t Network::operation_delay_ns(std::int32_t descriptor) {
  constexpr std::uint64_t kLeastNs = 100;
  constexpr std::uint64_t kSteps = 1U << 20;  // a delay may be longer than a draw is wide
  if (faults_.delay_high_ns == 0) return kLeastNs;
  const auto entity = static_cast<std::uint64_t>(descriptor);
  const std::uint64_t width_ns = faults_.delay_high_ns - faults_.delay_low_ns;
  const std::uint64_t step = chooser_.choose(Domain::kIoDelay, entity, kSteps + 1);
  return kLeastNs + faults_.delay_low_ns + width_ns * step / kSteps;
}

void Network::cancel(unsigned shard, internal::Token token) {
  if (names_ && names_->cancel(shard, token)) return;
  const auto found = lanes_of_token_.find(key_of(shard, token));
  if (found == lanes_of_token_.end()) return;  // its completion is already on its way to the shard
  ++counts_.cancels;
  const auto [descriptor, index] = found->second;
  const auto entity = static_cast<std::uint64_t>(descriptor);
  Lane& lane = at(descriptor).lane[index];
  if (lane.phase == LanePhase::kStarted && chooser_.choose(Domain::kCancel, entity, 2) == 0) {
    attempt(descriptor, index);
  }
  if (lane.phase != LanePhase::kDecided) {
    decide(descriptor, index, -ECANCELED);
  } else if (lane.more) {
    lane.cancelled = true;
    ++counts_.late_cancels;
  } else if (lane.value <= 0 && lane.op != OpCode::kFinish &&
             chooser_.choose(Domain::kCancel, entity, 3) == 0) {
    lane.value = -ECANCELED;  // nothing had moved, so either end is true
  } else {
    ++counts_.late_cancels;
  }
}

void Network::shut(unsigned shard, std::int32_t descriptor) {
  Socket* const on = socket(shard, descriptor, "shutdown");
  if (on == nullptr || on->shut) return;
  on->shut = true;
  if (ended_now_ns_ != now()) ended_now_.clear();
  ended_now_ns_ = now();
  ended_now_.push_back(descriptor);
  if (on->listener) {
    end_listener(descriptor, *on);
  } else if (on->connection == kNoConnection) {
    retry(descriptor, 0);
    return retry(descriptor, 1);
  } else if (Pipe& pipe = connections_[on->connection].to_peer; !pipe.ended) {
    pipe.ended = true;
    fly(on->connection, false, Mark::kEnd, {});
  }
  retry(descriptor, 0);
  retry(descriptor, 1);
}

void Network::close(unsigned shard, std::int32_t descriptor) {
  Socket* const on = socket(shard, descriptor, "close");
  if (on == nullptr) return;
  for (const Lane& lane : on->lane) {
    if (lane.phase == LanePhase::kIdle) continue;
    user_.failed("descriptor " + std::to_string(descriptor) + " was closed during an operation");
  }
  on->open = false;
  --open_descriptors_;
  if (ended_now_ns_ != now()) ended_now_.clear();
  ended_now_ns_ = now();
  ended_now_.push_back(descriptor);
  trace_.record(now(), TraceKind::kClose,
                {shard, static_cast<std::uint64_t>(descriptor), 0, 0, 0, 0});
  if (on->listener) {
    end_listener(descriptor, *on);
    return;
  }
  if (on->device != nullptr && on->device->end != nullptr) {
    (this->*on->device->end)(descriptor, *on);
  }
  if (on->connection == kNoConnection) return;
  Connection& connection = connections_[on->connection];
  connection.system_gone = true;
  connection.descriptor = -1;
  if (!on->owner.known && on->accepted_by >= 0 && at(on->accepted_by).crashed)
    connection.excused = true;
  if (connection.to_system.reset_arrived) return;
  // As Linux does: closing over unread bytes is a reset, and so the peer learns that they are lost.
  if (!connection.to_system.arrived.empty()) {
    fly(on->connection, false, Mark::kReset, {});
  } else if (!connection.to_peer.ended) {
    fly(on->connection, false, Mark::kEnd, {});
  }
  connection.to_peer.ended = true;
}

std::int32_t Network::open(unsigned shard, const internal::OpenRequest& request) {
  const Kind* const kind = find(kinds_, request.io.kind);
  TINA_ASSERT(kind != nullptr);
  return kind->open != nullptr ? kind->open(*this, shard, request) : -EINVAL;
}

std::int32_t Network::listen(unsigned shard, const internal::OpenRequest& request) {
  std::vector<std::int32_t>& sharing = listeners_[request.address.port];
  bool free = true;
  for (const std::int32_t other : sharing)
    free = free && request.io.reuse_port && at(other).reuse_port;
  std::int32_t result = -EADDRINUSE;
  if (free && exhausted()) {
    result = -EMFILE;
  } else if (free) {
    result = new_socket(shard);
    Socket& opened = at(result);
    opened.listener = true;
    opened.port = request.address.port;
    opened.reuse_port = request.io.reuse_port;
    opened.backlog_max = request.io.backlog == 0 ? 1 : request.io.backlog;
    sharing.push_back(result);
  }
  trace_.record(now(), TraceKind::kListen,
                {shard, request.address.port, static_cast<std::uint32_t>(result), 0, 0, 0});
  return result;
}

void Network::end_listener(std::int32_t descriptor, Socket& socket) {
  if (socket.name != kNoName) {
    unix_names_[socket.name].bound = -1;
  } else {
    std::erase(listeners_[socket.port], descriptor);
  }
  for (const std::uint32_t number : socket.backlog) {
    socket.dropped.push_back(number);
    connections_[number].system_gone = true;
    connections_[number].to_peer.ended = true;
    fly(number, false, Mark::kReset, {});
  }
  socket.backlog.clear();
}

void Network::isolate_crashed(unsigned shard, unsigned type, std::uint32_t slot) {
  if (ended_now_ns_ != now()) return;
  for (const std::int32_t descriptor : ended_now_) {
    Socket& ended = at(descriptor);
    const bool its = ended.owner.known && ended.owner.type == type && ended.owner.slot == slot;
    if (ended.shard != shard || (ended.owner.known && !its)) continue;
    if (ended.listener) {
      ended.crashed = true;
      for (const std::uint32_t number : ended.dropped) connections_[number].excused = true;
    } else if (ended.connection != kNoConnection) {
      connections_[ended.connection].excused = true;
    }
  }
}

void Network::attempt(std::int32_t descriptor, unsigned index) {
  Socket& on = at(descriptor);
  Lane& lane = on.lane[index];
  lane.phase = LanePhase::kWaiting;
  if (lane.fails) {
    fail_operation(descriptor, index);
    return;
  }
  if (on.device != nullptr) return (this->*on.device->attempt)(descriptor, on, lane);
  switch (lane.op) {
    case OpCode::kAccept:
      attempt_accept(descriptor, on, lane);
      break;
    case OpCode::kReceive:
      attempt_receive(descriptor, on, lane);
      break;
    case OpCode::kReadAhead:
      attempt_read_ahead(descriptor, on, lane);
      break;
    case OpCode::kSend:
    case OpCode::kSendGathered:
      attempt_send(descriptor, on, lane);
      break;
    case OpCode::kSendFile:
      attempt_send_file(descriptor, on, lane);
      break;
    case OpCode::kAwaitRoom:
      attempt_await_room(descriptor, on);
      break;
    case OpCode::kFinish:
      attempt_finish(descriptor, on);
      break;
    case OpCode::kConnect:
      attempt_connect(descriptor, on, lane);
      break;
    case OpCode::kAwait:
      attempt_await(descriptor, on);
      break;
    default:
      break;
  }
}

void Network::fail_operation(std::int32_t descriptor, unsigned index) {
  const Socket& on = at(descriptor);
  ++counts_.io_errors;
  if (on.connection != kNoConnection) connections_[on.connection].excused = true;
  decide(descriptor, index, on.listener ? -ECONNABORTED : -EIO);
}

void Network::excuse_new(bool excused) { all_excused_ = excused; }

void Network::excuse_all() {
  all_excused_ = true;
  for (Connection& connection : connections_) connection.excused = true;
}

void Network::retry(std::int32_t descriptor, unsigned index) {
  if (at(descriptor).lane[index].phase == LanePhase::kWaiting) attempt(descriptor, index);
}

void Network::attempt_accept(std::int32_t descriptor, Socket& on, Lane& lane) {
  if (on.shut) {
    decide(descriptor, 0, -EINVAL);
    return;
  }
  if (on.backlog.empty()) return;
  const auto entity = static_cast<std::uint64_t>(descriptor);
  if (chooser_.chance(Domain::kAcceptError, entity, faults_.accept_error) || exhausted()) {
    ++counts_.accept_errors;
    decide(descriptor, 0, -EMFILE);
    return;
  }
  const std::uint32_t number = on.backlog.front();
  on.backlog.pop_front();
  const std::int32_t accepted = new_socket(on.shard);
  at(accepted).connection = number;
  at(accepted).accepted_by = descriptor;
  connections_[number].descriptor = accepted;
  ++counts_.accepted;
  lane.address->address = connections_[number].source;
  lane.address->raw_size = 0;
  decide(descriptor, 0, accepted);
}

void Network::attempt_await(std::int32_t descriptor, const Socket& on) {
  const Pipe& pipe = connections_[on.connection].to_system;
  const bool ended = pipe.reset_arrived || pipe.end_arrived || on.shut;
  if (ended || !pipe.arrived.empty()) decide(descriptor, 0, 0);
}

/// What a send has to send. `row`: where the parts of a gathered one are put in a row.
std::span<const std::byte> Network::bytes_of(const Lane& lane, std::vector<std::byte>& row) {
  if (lane.op != OpCode::kSendGathered) return {lane.data, lane.size};
  const std::span parts(reinterpret_cast<const internal::GatherPart*>(lane.data), lane.size);
  for (const auto& part : parts) row.insert(row.end(), part.data, part.data + part.size);
  return row;
}

void Network::attempt_send(std::int32_t descriptor, Socket& on, Lane& lane) {
  const std::uint32_t number = on.connection;
  Connection& connection = connections_[number];
  if (send_fails(descriptor, connection)) return;
  const std::size_t room = connection.to_peer.room();
  std::vector<std::byte> row;
  const std::span<const std::byte> all = bytes_of(lane, row);
  if (room == 0 && !all.empty()) return;
  const std::size_t size = shorten(Domain::kWriteSize, number, std::min(all.size(), room),
                                   counts_.short_writes, faults_.short_write);
  const std::span<const std::byte> bytes = all.first(size);
  lane.bytes_hash = hash_bytes(bytes);
  if (size > 0) fly(number, false, Mark::kBytes, bytes);
  decide(descriptor, 1, static_cast<std::int32_t>(size));
}

void Network::attempt_finish(std::int32_t descriptor, Socket& on) {
  Connection& connection = connections_[on.connection];
  if (connection.to_system.reset_arrived && connection.name == kNoName) {
    decide(descriptor, 1, -ENOTCONN);
    return;
  }
  if (!connection.to_peer.ended) fly(on.connection, false, Mark::kEnd, {});
  connection.to_peer.ended = true;
  decide(descriptor, 1, 0);
}

std::size_t Network::shorten(Domain domain, std::uint32_t connection, std::size_t size,
                             std::uint64_t& count, Ratio rate) {
  if (size < 2 || !chooser_.chance(domain, connection, rate)) return size;
  ++count;
  // One byte is the hardest case, so half of the short ones are that.
  if (chooser_.choose(domain, connection, 2) == 0) return 1;
  return 1 + chooser_.choose(domain, connection, size - 1);
}

void Network::decide(std::int32_t descriptor, unsigned index, std::int32_t value) {
  Lane& lane = at(descriptor).lane[index];
  lane.phase = LanePhase::kDecided;
  lane.value = value;
  const auto entity = static_cast<std::uint64_t>(descriptor);
  clock_.in(200 + chooser_.choose(Domain::kOperationDelay, entity, 2000), EventKind::kCompletion,
            static_cast<std::uint32_t>(descriptor), lane.serial, static_cast<std::uint8_t>(index));
}

Network::Lane* Network::lane_of(const Event& event, LanePhase wanted) {
  Lane& lane = at(static_cast<std::int32_t>(event.number)).lane[event.part];
  return lane.serial == event.serial && lane.phase == wanted ? &lane : nullptr;
}

void Network::complete(const Event& event) {
  Lane* const lane = lane_of(event, LanePhase::kDecided);
  if (lane == nullptr) return;
  if (lane->more) return continue_read_ahead(event, *lane);
  const unsigned shard = at(static_cast<std::int32_t>(event.number)).shard;
  lane->phase = LanePhase::kIdle;
  lanes_of_token_.erase(key_of(shard, lane->token));
  trace_.record(
      now(), TraceKind::kCompletion,
      {shard, lane->token.bits, static_cast<std::uint32_t>(lane->value), lane->bytes_hash, 0, 0});
  user_.completed(shard, lane->token, lane->value);
}

/// An event of one kind alone. A peer may make one where the system has no such object.
void Network::happen_to(internal::IoKind kind, const Event& event) {
  if (const Kind* const its = find(kinds_, kind)) its->happen(*this, event);
}

void Network::happen(const Event& event) {
  switch (event.kind) {
    case EventKind::kOperation:
      if (lane_of(event, LanePhase::kStarted) != nullptr) {
        attempt(static_cast<std::int32_t>(event.number), event.part);
      }
      break;
    case EventKind::kCompletion:
      complete(event);
      break;
    case EventKind::kOutput:
      happen_to(internal::IoKind::kOutput, event);
      break;
    case EventKind::kSegment:
      arrive(event.number, event.part != 0);
      break;
    case EventKind::kConnect:
      request(event.number);
      break;
    case EventKind::kConnected:
      established(event.number);
      break;
    case EventKind::kName:
      names_->happen(event);
      break;
    case EventKind::kDatagram:
      happen_to(internal::IoKind::kUdpSocket, event);
      break;
    case EventKind::kConnectTimeout:
      if (lane_of(event, LanePhase::kWaiting) != nullptr) {
        decide(static_cast<std::int32_t>(event.number), event.part, -ETIMEDOUT);
      }
      break;
    default:
      break;
  }
}

}  // namespace tina::sim
