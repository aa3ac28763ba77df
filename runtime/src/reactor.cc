// SPDX-License-Identifier: Apache-2.0
// See reactor.h.
#include "src/reactor.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "src/mailbox.h"
#include "src/os_address.h"
#include "src/os_datagram.h"
#include "src/os_unix.h"

namespace tina::internal {
namespace {

bool lies_in(const std::byte* data, std::size_t size, const std::byte* area,
             std::size_t area_size) {
  const auto from = reinterpret_cast<std::uintptr_t>(data);
  const auto start = reinterpret_cast<std::uintptr_t>(area);
  return from >= start && size <= area_size && from - start <= area_size - size;
}

/// What an operation brings with it. A few words have been stored just before, as an offset.
void copy_extra(std::byte* to, const OpRecord& op, std::uint16_t size) {
  constexpr std::uint16_t kFew = 2 * sizeof(std::uint64_t);
  const auto* const from = reinterpret_cast<const std::byte*>(&op + 1);
  if (size <= kFew) {
    copy_words(to, from, size);
  } else {
    __builtin_memcpy(to, from, size);
  }
}

bool is_transient(std::int32_t value) { return value == -EINTR || value == -EAGAIN; }

}  // namespace

const char* name(StartResult result) {
  switch (result) {
    case StartResult::kStarted:
      return "started";
    case StartResult::kLaneBusy:
      return "lane_busy";
    case StartResult::kStaleBuffer:
      return "stale_buffer";
    case StartResult::kOutsideState:
      return "send_outside_state";
  }
  return "?";
}

void Reactor::start(ShardCore& core, std::span<const BlobPoolTable> blobs,
                    const BackendCalls* calls, void* backend) {
  calls_ = calls;
  backend_ = backend;
  blocks_.start(core, blobs);
  start_reading_ahead(core);
}

[[gnu::always_inline]] inline void Reactor::submit_inline(ShardCore& core, TypeBlock& type,
                                                          std::uint32_t slot,
                                                          std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  IoObject& object = type.object(slot, record.object);
  const OpTraits& traits = kOpTraits[static_cast<unsigned>(record.op)];
  if (traits.borrows && !borrow_file(type, slot, record)) [[unlikely]] {
    record.value = -EBADF;
    return deliver(core, type, slot, record_index);
  }
  record.status = RecordStatus::kInFlight;
  ++object.in_flight;
  ++type.records[slot].in_flight;
  ++in_flight_;
  std::byte* const operand =
      traits.has_operand ? type.operands_of(slot, record.object) + traits.operand_offset : nullptr;
  Operation operation{Token::make(index(type.table->id), slot, record_index),
                      first_of(record),
                      object.descriptor,
                      record.data + record.done,
                      record.size - record.done,
                      record.done,
                      operand};
  if (traits.lists) [[unlikely]]
    point_at_list(core, type, slot, record, operation);
  calls_->start(backend_, operation);
}

void Reactor::submit(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                     std::uint8_t record_index) {
  submit_inline(core, type, slot, record_index);
}

StartResult Reactor::start_operation(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                     const OpRecord& op) {
  ResultRecord& record = type.result(slot, op.record);
  if (op.op == OpCode::kClose) return start_close(core, type, slot, op);
  const OpTraits& traits = kOpTraits[static_cast<unsigned>(op.op)];
  if (lane_busy(type, slot, op.object, op.record)) return StartResult::kLaneBusy;
  if (traits.gives_bytes) {
    const StartResult taken = take_bytes(core, type, slot, op);
    if (taken != StartResult::kStarted) return taken;
  }
  record.op = op.op;
  record.object = op.object;
  record.completion = op.completion;
  record.buffer = op.buffer;
  record.data = op.data;
  record.size = op.size;
  record.done = 0;
  record.value = 0;
  record.waits = false;
  if (traits.extra > 0) {
    copy_extra(type.operands_of(slot, op.object) + traits.operand_offset, op, traits.extra);
  }
  if (traits.own_start) [[unlikely]] {
    start_own(core, type, slot, op);
  } else if (type.object(slot, op.object).phase != ObjectPhase::kOpen) {
    refuse(core, type, slot, op.record);
  } else {
    const bool at_once = !traits.rests || (!traits.shares && may_rest_with_buffer());
    if (traits.wants_buffer && at_once && !acquire_buffer(core, record)) [[unlikely]] {
      park(core, type, slot, op.record);
    } else {
      submit_inline(core, type, slot, op.record);
    }
  }
  return StartResult::kStarted;
}

/// The starts that are unlike that of a send and a receive.
void Reactor::start_own(ShardCore& core, TypeBlock& type, std::uint32_t slot, const OpRecord& op) {
  const OpTraits& traits = kOpTraits[static_cast<unsigned>(op.op)];
  if (traits.lists) {
    start_list(core, type, slot, op.record);
  } else if (traits.batches) {
    start_receive_batch(core, type, slot, op.record);
  } else if (traits.borrows) {
    start_send_file(core, type, slot, op);
  } else if (traits.opens) {
    start_opening(core, type, slot, op.record);
  } else if (type.object(slot, op.object).phase == ObjectPhase::kOpen) {
    receive_next(core, type, slot, op.record);
  } else {
    refuse(core, type, slot, op.record);
  }
}

/// What an operation of an object that is not open comes to.
void Reactor::refuse(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                     std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  const IoKind kind = type.table->ios[record.object].kind;
  if (!has_descriptor(kind)) {
    record.status = RecordStatus::kParked;  // one that was given up is still on its way back
    return;
  }
  record.value = -traits_of(kind).not_open;
  deliver(core, type, slot, record_index);
}

/// Makes the bytes that an operation is given the operation's: those of a block that the handler
/// has, or some of the isolate's own state.
StartResult Reactor::take_bytes(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                const OpRecord& op) {
  if (op.buffer == kNoBuffer) {
    const bool own = lies_in(op.data, op.size, type.state(slot), type.table->state_size);
    return own ? StartResult::kStarted : StartResult::kOutsideState;
  }
  const Keeper keeper{&type, slot};
  if (!has_block(core, keeper, {nullptr, op.size, op.buffer, op.serial, 0}) ||
      !lies_in(op.data, op.size, blocks_.memory(op.buffer, core), blocks_.size(op.buffer, core))) {
    return StartResult::kStaleBuffer;
  }
  let_go(core, keeper, op.buffer, Holder::kOperation);
  return StartResult::kStarted;
}

/// Starts a read into a buffer, as soon as one is free.
void Reactor::submit_with_buffer(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                 std::uint8_t record_index) {
  const bool acquired = acquire_buffer(core, type.result(slot, record_index));
  acquired ? submit(core, type, slot, record_index) : park(core, type, slot, record_index);
}

/// Makes an operation's end ready; only received bytes keep a buffer.
[[gnu::always_inline]] inline void Reactor::deliver_inline(ShardCore& core, TypeBlock& type,
                                                           std::uint32_t slot,
                                                           std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  const bool received = traits(record.op).wants_buffer && record.value > 0;
  if (record.buffer != kNoBuffer && !received) {
    const std::uint32_t buffer = record.buffer;
    record.buffer = kNoBuffer;
    release_block(core, buffer);
  }
  if (traits(record.op).lists) [[unlikely]]
    give_back_list(core, type, slot, record, received ? record.value : 0);
  push_result(core, type, slot, record_index);
}

void Reactor::deliver(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                      std::uint8_t record_index) {
  deliver_inline(core, type, slot, record_index);
}

Completed Reactor::complete(ShardCore& core, Token token, std::int32_t value) {
  TINA_ASSERT(token.type() < core.type_count && token.slot() < core.types[token.type()].slots);
  if (!token.is_plain()) [[unlikely]]
    return read_ahead_came(core, token, value);
  TypeBlock& type = core.types[token.type()];
  ResultRecord& record = record_of(core, token);
  IoObject& object = type.object(token.slot(), record.object);
  TINA_ASSERT(record.status == RecordStatus::kInFlight || object.phase == ObjectPhase::kClosing);
  --object.in_flight;
  --type.records[token.slot()].in_flight;
  --in_flight_;
  if (object.borrows != 0) [[unlikely]]
    give_back_file(core, type, token);
  // Only an open is under way without one; what its record says may be newer, as a close.
  if (object.descriptor == kNoDescriptor && value >= 0) [[unlikely]]
    object.descriptor = std::exchange(value, 0);
  if ((type.meta[token.slot()].flags & kDraining) != 0) [[unlikely]]
    return completed_draining(core, type, token.slot(), record, value);
  if (object.phase == ObjectPhase::kClosing) {
    completed_closing(core, type, token.slot(), token.record());
    return Completed::kContinued;
  }
  record.value = value;
  if (is_transient(value) && traits(record.op).tried_again) {
    if (value == -EAGAIN && traits(record.op).shares) wait_again(core, record);
    submit(core, type, token.slot(), token.record());
    return Completed::kContinued;
  }
  if (record.waits && value >= 0) {
    record.waits = false;
    if (traits(record.op).batches) {
      send_batch(core, type, token.slot(), token.record());
    } else {
      submit(core, type, token.slot(), token.record());
    }
    return Completed::kContinued;
  }
  if (awaits(record) && value >= 0) {
    if (traits(record.op).batches) [[unlikely]] {
      receive_batch(core, type, token.slot(), token.record());
    } else {
      submit_with_buffer(core, type, token.slot(), token.record());
    }
    return Completed::kContinued;
  }
  if (traits(record.op).moves_all) {
    if (value > 0) moved(type, token.slot(), record, static_cast<std::uint32_t>(value));
    if (value > 0 && record.done < record.size) {
      submit(core, type, token.slot(), token.record());
      return Completed::kContinued;
    }
    if (value == 0 && record.done < record.size && !traits(record.op).borrows)
      record.value = -traits_of(type.table->ios[record.object].kind).nothing_moved;
  } else if (traits(record.op).opens) {
    opened(type, token.slot(), record);
  } else if (traits(record.op).tells_where && value >= 0) {
    tell_where(type, token.slot(), record);
  } else if (traits(record.op).ahead) [[unlikely]] {
    read_ahead_ended(core, type, token.slot(), token.record(), value);
    return Completed::kContinued;
  }
  deliver_inline(core, type, token.slot(), token.record());
  return Completed::kDelivered;
}

/// The isolate has ended; with its last operation, so does its slot's quarantine.
Completed Reactor::completed_draining(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                      ResultRecord& record, std::int32_t value) {
  record.value = value;
  record.status = RecordStatus::kIdle;
  drop_result(core, type, slot, record);
  if (type.records[slot].in_flight > 0) return Completed::kContinued;
  close_objects(core, type, slot);
  return Completed::kDrained;
}

/// Somebody else has been quicker: the operation stands in line again, a read without its buffer.
void Reactor::wait_again(ShardCore& core, ResultRecord& record) {
  record.waits = !traits(record.op).wants_buffer;
  if (record.buffer == kNoBuffer || record.waits) return;
  const std::uint32_t buffer = record.buffer;
  record.buffer = kNoBuffer;
  release_block(core, buffer);
}

/// Some of the bytes of an operation are where they are to be, or all that it had left.
void Reactor::moved(TypeBlock& type, std::uint32_t slot, ResultRecord& record,
                    std::uint32_t bytes) {
  bytes = std::min(bytes, record.size - record.done);  // more is kAllMoved
  record.done += bytes;
  if (traits(record.op).gathers) [[unlikely]]
    skip_parts(type.gather(slot, record.object), bytes);
}

/// Brings what the kernel says of the other side into the form that handlers read.
void Reactor::tell_where(TypeBlock& type, std::uint32_t slot, const ResultRecord& record) {
  if (record.op == OpCode::kAccept) {
    read_raw(type.operand<AddressOperand>(slot, record.object, record.op));
  } else if (record.op == OpCode::kReceiveFromUnix) {
    read_unix_datagram(type.operand<UnixDatagramOperand>(slot, record.object, record.op));
  } else {
    read_datagram(type.operand<DatagramOperand>(slot, record.object, record.op));
  }
}

std::int32_t Reactor::open_object(TypeBlock& type, std::uint32_t slot, unsigned io) {
  const IoTable& table = type.table->ios[io];
  if (!has_descriptor(table.kind)) {
    type.object(slot, io) = {kNeedsNoDescriptor, ObjectPhase::kOpen, 0, 0};
    return 0;
  }
  if (table.source == IoSource::kNothing || table.source == IoSource::kObject) return 0;
  const OpenRequest request =
      request_of(type, slot, io, OpCode::kNone, type.init(slot) + table.source_offset);
  const std::int32_t descriptor = calls_->open(backend_, request);
  if (descriptor == -EBADF && table.source == IoSource::kSelf) return 0;  // operations say so
  if (descriptor < 0) return descriptor;
  adopt(type, slot, io, descriptor);
  return 0;
}

void Reactor::adopt(TypeBlock& type, std::uint32_t slot, unsigned io, std::int32_t descriptor) {
  IoObject& object = type.object(slot, io);
  TINA_ASSERT(object.phase == ObjectPhase::kClosed && object.in_flight == 0);
  object.descriptor = descriptor;
  object.phase = descriptor >= 0 ? ObjectPhase::kOpen : ObjectPhase::kClosed;
}

bool Reactor::close_objects(ShardCore& core, TypeBlock& type, std::uint32_t slot) {
  const auto objects = static_cast<unsigned>(type.table->ios.size());
  for (std::uint8_t i = 0; objects > 0 && i < type.table->records; ++i) {
    ResultRecord& record = type.result(slot, i);
    const Token token = Token::make(index(type.table->id), slot, i);
    if (record.status == RecordStatus::kReady) {
      unlink_result(type, slot, i);
      drop_result(core, type, slot, record);
    } else if (record.status == RecordStatus::kParked) {
      if (traits(record.op).wants_buffer) unpark(core, token);
      record.status = RecordStatus::kIdle;
    } else if (record.status == RecordStatus::kAwaiting) {
      record.status = RecordStatus::kIdle;
    } else if (record.status == RecordStatus::kInFlight) {
      IoObject& object = type.object(slot, record.object);
      if (object.phase == ObjectPhase::kOpen &&
          !traits_of(type.table->ios[record.object].kind).waits) {
        // A bare close would leave the operation holding the socket, and the peer without an end.
        const bool own = type.table->ios[record.object].source != IoSource::kSelf;
        remove_file(type, slot, record.object);  // so that another one may stand there at once
        if (own) calls_->shut(backend_, object.descriptor);
        object.phase = ObjectPhase::kClosing;
      }
      calls_->cancel(backend_, token);
    }
  }
  bool drained = true;
  for (unsigned i = 0; i < objects; ++i) {
    IoObject& object = type.object(slot, i);
    if (type.table->ios[i].gather > 0) give_back_waiting(core, type, slot, i);
    if (type.table->ios[i].read_ahead > 0) give_back_arrived(core, type.read_ahead(slot, i));
    if (object.in_flight > 0) {
      drained = false;
    } else if (object.phase != ObjectPhase::kClosed) {
      release(type, slot, i);
    }
  }
  return drained;
}

/// Takes away the file that stands for an object, if one does.
void Reactor::remove_file(TypeBlock& type, std::uint32_t slot, unsigned io) {
  const IoTable& table = type.table->ios[io];
  if (!has_file(table.kind)) [[likely]]
    return;
  auto& file = *reinterpret_cast<BoundFile*>(type.operands_of(slot, io) + file_offset(table));
  calls_->remove_file(backend_, type.object(slot, io).descriptor, file);
}

void Reactor::release(TypeBlock& type, std::uint32_t slot, unsigned io) {
  IoObject& object = type.object(slot, io);
  TINA_ASSERT(object.in_flight == 0 && object.phase != ObjectPhase::kClosed);
  if (object.descriptor >= 0) remove_file(type, slot, io);
  if (object.descriptor >= 0) calls_->close(backend_, object.descriptor);
  object = IoObject{kNoDescriptor, ObjectPhase::kClosed, 0, 0};
}

void Reactor::drop_result(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                          ResultRecord& record) {
  if (traits(record.op).lists) give_back_list(core, type, slot, record, 0);
  if (record.op == OpCode::kReadAhead) give_back_lent(core, type.read_ahead(slot, record.object));
  if (record.op == OpCode::kReceiveBatch && has_batch(type.table->ios[record.object])) {
    Batch& batch = type.batch(slot, record.object);
    give_back_batch(core, batch, 0, std::exchange(batch.received, 0));
    give_back_batch(core, batch, 0, std::exchange(batch.held, 0));
  }
  if (record.buffer != kNoBuffer) release_block(core, record.buffer);
  record.buffer = kNoBuffer;
  if (traits(record.op).brings_descriptor && record.value >= 0)
    calls_->close(backend_, record.value);
  record.op = OpCode::kNone;
}

void Reactor::reclaim(ShardCore& core) {
  if (core.transit_descriptor >= 0) calls_->close(backend_, core.transit_descriptor);
  core.transit_descriptor = -1;
  while (core.held != kNoBuffer) {
    const std::uint32_t block = core.held;
    core.held = core.blocks[block].next;
    release_block(core, block);
  }
}

/// A free receive buffer, whole, for a list. False: none is free.
bool Reactor::take_buffer(ShardCore& core, Buffer& into) {
  const std::uint32_t block = blocks_.take(core, kReceivePool);
  if (block == kNoBuffer) return false;
  into = buffer_of(core, block);
  return true;
}

Buffer Reactor::buffer_of(const ShardCore& core, std::uint32_t block) const {
  return Buffer(
      {blocks_.memory(block, core), core.buffer_size, block, core.blocks[block].serial, 0});
}

bool Reactor::acquire_buffer(ShardCore& core, ResultRecord& record) {
  const std::uint32_t block = blocks_.take(core, kReceivePool);
  if (block == kNoBuffer) return false;
  record.buffer = block;
  record.data = blocks_.memory(block, core);
  record.size = core.buffer_size;
  record.done = 0;
  return true;
}

void Reactor::release_block(ShardCore& core, std::uint32_t block) {
  blocks_.give_back(core, block);
  if (core.blocks[block].pool != kReceivePool || parked_first_ == kNobody) return;
  const Token token{parked_first_};
  ResultRecord& record = record_of(core, token);
  unpark(core, token);
  TypeBlock& type = core.types[token.type()];
  const bool acquired = traits(record.op).batches
                            ? take_place(core, type.batch(token.slot(), record.object))
                            : acquire_buffer(core, record);
  TINA_ASSERT(acquired);
  submit(core, type, token.slot(), token.record());
}

}  // namespace tina::internal
