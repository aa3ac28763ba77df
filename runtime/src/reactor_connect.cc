// SPDX-License-Identifier: Apache-2.0
// See reactor.h. Lane *all* of a stream: connect and close, which have the whole object to
// themselves. A connect is given up when nobody waits for it any more; a close gives up whatever
// the object has under way. Either way the socket outlives its last operation and is then closed,
// and the next connect, if it is already wanted, takes a new socket.
#include <cerrno>

#include "src/mailbox.h"
#include "src/reactor.h"

namespace tina::internal {
bool Reactor::shared_lane_busy(TypeBlock& type, std::uint32_t slot, std::uint8_t object,
                               std::uint8_t record) {
  const IoTable& io = type.table->ios[object];
  if (record != io.whole_record()) return taken(type.result(slot, io.whole_record()));
  for (unsigned lane = io.first_record; lane < io.whole_record(); ++lane) {
    if (taken(type.result(slot, lane))) return true;
  }
  return false;
}

bool lane_idle(const ShardCore& core, TypeId id, std::uint32_t slot, std::uint8_t object,
               std::uint8_t lane) noexcept {
  TypeBlock& type = core.types[index(id)];
  const IoTable& io = type.table->ios[object];
  if (lane >= io.lanes) return false;  // lane all, of which no state lists a completion
  const auto record = static_cast<std::uint8_t>(io.first_record + lane);
  return !Reactor::lane_busy(type, slot, object, record);
}

void Reactor::start_opening(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                            std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  switch (type.object(slot, record.object).phase) {
    case ObjectPhase::kClosed:
      begin_opening(core, type, slot, record_index);
      break;
    case ObjectPhase::kClosing:  // one that was given up is still in the backend
      record.status = RecordStatus::kParked;
      break;
    case ObjectPhase::kOpen:
    case ObjectPhase::kConnecting:
      record.value = -traits_of(type.table->ios[record.object].kind).open_already;
      deliver(core, type, slot, record_index);
      break;
  }
}

void Reactor::begin_opening(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                            std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  if (traits(record.op).makes_descriptor) {
    begin_open(core, type, slot, record_index);
    return;
  }
  const std::byte* const where =
      type.operands_of(slot, record.object) + traits(record.op).operand_offset;
  const std::int32_t descriptor =
      calls_->open(backend_, request_of(type, slot, record.object, record.op, where));
  if (descriptor < 0) {
    record.value = descriptor;
    deliver(core, type, slot, record_index);
    return;
  }
  if (traits(record.op).opens_at_once) {
    type.object(slot, record.object) = IoObject{descriptor, ObjectPhase::kOpen, 0, 0};
    deliver(core, type, slot, record_index);
    return;
  }
  type.object(slot, record.object) = IoObject{descriptor, ObjectPhase::kConnecting, 0, 0};
  submit(core, type, slot, record_index);
}

/// What a backend is to open. `where`: an address, of the form that its kind has, or a port.
OpenRequest Reactor::request_of(TypeBlock& type, std::uint32_t slot, unsigned io, OpCode op,
                                const std::byte* where) {
  const IoTable& table = type.table->ios[io];
  OpenRequest request{table, {}, op};
  if (is_pipe(table.kind)) {
    request.path = reinterpret_cast<const fs::Path*>(where);
  } else if (is_unix(table.kind)) {
    request.unix_address = reinterpret_cast<const net::UnixAddress*>(where);
    if (has_file(table.kind)) {
      std::byte* const file = type.operands_of(slot, io) + file_offset(table);
      request.file = reinterpret_cast<BoundFile*>(file);
    }
  } else {
    request.address = op == OpCode::kNone ? address_in(table, type.init(slot))
                                          : *reinterpret_cast<const net::Address*>(where);
  }
  return request;
}

/// The same of what has no descriptor before it is open.
void Reactor::begin_open(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                         std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  const std::int32_t error =
      type.operand<OpenOperand>(slot, record.object, record.op).path.why_not();
  if (error != 0) {
    record.value = -error;
    deliver(core, type, slot, record_index);
    return;
  }
  type.object(slot, record.object) = IoObject{kNoDescriptor, ObjectPhase::kConnecting, 0, 0};
  submit(core, type, slot, record_index);
}

void Reactor::give_up_connects(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                               std::uint64_t listed) {
  for (const IoTable& io : type.table->ios) {
    const bool resolves = io.kind == IoKind::kResolver;
    const std::uint8_t lane = resolves ? io.first_record : io.whole_record();
    if ((!io.whole && !resolves) || !taken(type.result(slot, lane))) continue;
    const ResultRecord& record = type.result(slot, lane);
    if (!traits(record.op).given_up || (listed >> record.completion & 1) != 0) continue;
    ++(resolves ? resolves_given_up_ : connects_given_up_);
    const bool connected =
        traits(record.op).opens && record.status == RecordStatus::kReady && record.value >= 0;
    drop_lane(core, type, slot, lane);
    if (connected) release(type, slot, record.object);
  }
}

/// A connect has ended: the object is open, or as if it had never been tried.
void Reactor::opened(TypeBlock& type, std::uint32_t slot, const ResultRecord& record) {
  type.object(slot, record.object).phase = ObjectPhase::kOpen;
  if (record.value < 0) release(type, slot, record.object);
}

StartResult Reactor::start_close(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                 const OpRecord& op) {
  ResultRecord& record = type.result(slot, op.record);
  if (taken(type.result(slot, op.record))) {
    if (record.op == OpCode::kClose) return StartResult::kLaneBusy;
    ++connects_given_up_;
  }
  IoObject& object = type.object(slot, op.object);
  const IoTable& io = type.table->ios[op.object];
  if (object.phase == ObjectPhase::kOpen && object.in_flight > 0 && !traits_of(io.kind).waits) {
    // A bare close would leave the operations holding the socket, and the peer without an end.
    calls_->shut(backend_, object.descriptor);
  }
  for (std::uint8_t i = io.first_record; i <= io.whole_record(); ++i)
    drop_lane(core, type, slot, i);
  if (io.gather > 0) give_back_waiting(core, type, slot, op.object);
  if (io.read_ahead > 0) {
    drop_lane(core, type, slot, io.ahead_record());
    give_back_arrived(core, type.read_ahead(slot, op.object));
  }
  if (object.in_flight == 0 && object.phase != ObjectPhase::kClosed) release(type, slot, op.object);
  record.op = OpCode::kClose;
  record.object = op.object;
  record.completion = op.completion;
  record.buffer = kNoBuffer;
  record.value = 0;
  if (object.in_flight == 0) {
    deliver(core, type, slot, op.record);
  } else {
    object.phase = ObjectPhase::kClosing;
    record.status = RecordStatus::kParked;
  }
  return StartResult::kStarted;
}

/// Whatever a lane has outstanding or holds, nobody waits for it any more.
void Reactor::drop_lane(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                        std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  const Token token = Token::make(index(type.table->id), slot, record_index);
  IoObject& object = type.object(slot, record.object);
  switch (record.status) {
    case RecordStatus::kIdle:
    case RecordStatus::kAbandoned:
      break;
    case RecordStatus::kAwaiting:
      record.status = RecordStatus::kIdle;
      break;
    case RecordStatus::kReady:
      unlink_result(type, slot, record_index);
      drop_result(core, type, slot, record);
      break;
    case RecordStatus::kParked:
      if (traits(record.op).wants_buffer) unpark(core, token);
      // One that waits for the one before it leaves that one in the backend.
      record.status = traits(record.op).given_up ? RecordStatus::kAbandoned : RecordStatus::kIdle;
      break;
    case RecordStatus::kInFlight:
      calls_->cancel(backend_, token);
      record.status = RecordStatus::kAbandoned;
      object.phase = ObjectPhase::kClosing;
      break;
  }
}

/// An operation that was given up has come back. After the object's last one its socket is closed,
/// and what waited for that goes on.
void Reactor::completed_closing(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  IoObject& object = type.object(slot, record.object);
  if (record.status == RecordStatus::kAbandoned) {
    record.status = RecordStatus::kIdle;
    drop_result(core, type, slot, record);
  }
  if (object.in_flight > 0) return;
  if (!has_descriptor(type.table->ios[record.object].kind)) {
    object.phase = ObjectPhase::kOpen;
    if (record.status == RecordStatus::kParked) submit(core, type, slot, record_index);
    return;
  }
  const std::uint8_t all = type.table->ios[record.object].whole_record();
  release(type, slot, record.object);
  const ResultRecord& waiting = type.result(slot, all);
  if (waiting.status != RecordStatus::kParked) return;
  if (waiting.op == OpCode::kClose) {
    deliver(core, type, slot, all);
  } else {
    begin_opening(core, type, slot, all);
  }
}

}  // namespace tina::internal
