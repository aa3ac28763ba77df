// SPDX-License-Identifier: Apache-2.0
// See reactor.h. Streams with the setting `read_ahead`: one operation of the backend fills one lent
// buffer after the other (multishot receive, io_uring_prep_recv_multishot(3)), and what arrives
// waits in a ring beside the object until the isolate receives it. Buffers are lent as long as half
// of the shard's are free, and only when the isolate receives, so that it alone sets the pace.
// Whatever ends the operation, every lent buffer is taken back; the next receive starts another
// one. Where nothing can be read ahead, a receive is one as without the setting.
#include <cerrno>
#include <utility>

#include "src/reactor.h"

namespace tina::internal {

/// Gives every object that reads ahead its group. O(slots) of types that have one.
void Reactor::start_reading_ahead(ShardCore& core) {
  std::uint32_t groups = 0;
  for (unsigned i = 0; i < core.type_count; ++i) {
    TypeBlock& type = core.types[i];
    for (unsigned io = 0; io < type.table->ios.size(); ++io) {
      const std::uint32_t places = type.table->ios[io].read_ahead;
      for (std::uint32_t slot = 0; places > 0 && slot < type.slots; ++slot) {
        const bool off = calls_->lend == nullptr;
        type.read_ahead(slot, io) = ReadAhead{places, 0, 0, 0, groups++, 0, false, off, {}};
      }
    }
  }
}

/// A receive: of what has arrived already, or else of what comes next.
void Reactor::receive_next(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                           std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  record.op = OpCode::kReceive;
  record.status = RecordStatus::kAwaiting;
  const bool had_ended = type.read_ahead(slot, record.object).ended;
  const bool taken = take_arrived(core, type, slot, record_index);
  if (taken && had_ended) return;
  if (fill_ahead(core, type, slot, record.object) || taken) return;
  if (may_rest_with_buffer()) {
    submit_with_buffer(core, type, slot, record_index);
  } else {
    submit(core, type, slot, record_index);
  }
}

/// Ends a receive with the oldest bytes that have arrived, or with the end behind them. False:
/// there is neither.
bool Reactor::take_arrived(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                           std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  ReadAhead& ahead = type.read_ahead(slot, record.object);
  if (ahead.arrived > 0) {
    const ReadAheadPlace oldest = ahead.take_oldest();
    record.buffer = oldest.block;
    record.data = blocks_.memory(oldest.block, core);
    record.value = static_cast<std::int32_t>(oldest.size);
  } else if (std::exchange(ahead.ended, false)) {
    record.value = ahead.end;
  } else {
    return false;
  }
  deliver(core, type, slot, record_index);
  return true;
}

/// Lends what may be lent, and sees that it is being filled. False: nothing is.
bool Reactor::fill_ahead(ShardCore& core, TypeBlock& type, std::uint32_t slot, unsigned io) {
  const std::uint8_t index = type.table->ios[io].ahead_record();
  ResultRecord& record = type.result(slot, index);
  ReadAhead& ahead = type.read_ahead(slot, io);
  while (!ahead.off && ahead.arrived + ahead.lent < ahead.places && may_rest_with_buffer()) {
    if (!lend_buffer(core, ahead)) ahead.off = true;
  }
  if (record.status == RecordStatus::kInFlight) return true;
  if (ahead.lent == 0) return false;
  record = {kNoRecord,
            RecordStatus::kIdle,
            0,
            OpCode::kReadAhead,
            0,
            kNoBuffer,
            ahead.group,
            0,
            static_cast<std::uint8_t>(io),
            false,
            {},
            nullptr};
  submit(core, type, slot, index);
  return true;
}

bool Reactor::lend_buffer(ShardCore& core, ReadAhead& ahead) {
  const std::uint32_t block = blocks_.take(core, kReceivePool);
  if (!calls_->lend(backend_, ahead.group, {blocks_.memory(block, core), core.buffer_size})) {
    release_block(core, block);
    return false;
  }
  ahead.at(ahead.arrived + ahead.lent) = {block, 0};
  ++ahead.lent;
  return true;
}

/// The backend says something of a read-ahead that is not, or not only, its end.
Completed Reactor::read_ahead_came(ShardCore& core, Token token, std::int32_t value) {
  TypeBlock& type = core.types[token.type()];
  const ResultRecord& record = record_of(core, token);
  ReadAhead& ahead = type.read_ahead(token.slot(), record.object);
  const bool wanted = record.status == RecordStatus::kInFlight &&
                      type.object(token.slot(), record.object).phase == ObjectPhase::kOpen;
  if (token.took())
    take_filled(core, ahead, wanted && value > 0 ? static_cast<unsigned>(value) : 0);
  if (!token.more()) return complete(core, token.plain(), value);
  const std::uint8_t reader = type.table->ios[record.object].first_record;
  if (type.result(token.slot(), reader).status != RecordStatus::kAwaiting) {
    return Completed::kContinued;
  }
  return take_arrived(core, type, token.slot(), reader) ? Completed::kDelivered
                                                        : Completed::kContinued;
}

/// The oldest lent buffer comes back with so many bytes; without any it is of no use.
void Reactor::take_filled(ShardCore& core, ReadAhead& ahead, std::uint32_t size) {
  TINA_ASSERT(ahead.lent > 0);
  --ahead.lent;
  ReadAheadPlace& filled = ahead.at(ahead.arrived);
  if (size > 0) {
    filled.size = size;
    ++ahead.arrived;
    return;
  }
  const std::uint32_t block = filled.block;
  for (std::uint32_t i = ahead.arrived; i < ahead.arrived + ahead.lent; ++i) {
    ahead.at(i) = ahead.at(i + 1);
  }
  release_block(core, block);
}

/// A read-ahead has ended in `value`: its buffers are full, or the stream is at its end.
void Reactor::read_ahead_ended(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                               std::uint8_t record_index, std::int32_t value) {
  ResultRecord& record = type.result(slot, record_index);
  ReadAhead& ahead = type.read_ahead(slot, record.object);
  record.status = RecordStatus::kIdle;
  give_back_lent(core, ahead);
  if (value == -EINVAL || value == -EOPNOTSUPP) {
    ahead.off = true;
  } else if (value <= 0 && value != -ENOBUFS && value != -EINTR && value != -EAGAIN) {
    ahead.ended = true;
    ahead.end = value;
  }
  const std::uint8_t reader = type.table->ios[record.object].first_record;
  if (type.result(slot, reader).status == RecordStatus::kAwaiting) {
    receive_next(core, type, slot, reader);
  }
}

/// Nothing reads ahead into them any more.
void Reactor::give_back_lent(ShardCore& core, ReadAhead& ahead) {
  if (ahead.lent > 0) calls_->take_back(backend_, ahead.group, ahead.lent);
  while (ahead.lent > 0) release_block(core, ahead.at(ahead.arrived + --ahead.lent).block);
}

/// Nobody will receive what has arrived.
void Reactor::give_back_arrived(ShardCore& core, ReadAhead& ahead) {
  ahead.ended = false;
  while (ahead.arrived > 0) release_block(core, ahead.take_oldest().block);
}

}  // namespace tina::internal
