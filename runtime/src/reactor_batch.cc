// SPDX-License-Identifier: Apache-2.0
// See reactor.h. Several datagrams at once: a receive waits for the first one without a buffer and
// then takes what is there, a send hands over its object's list. The backend moves them by calls
// that never wait, so nothing of a batch is in its hands in between, and what a receive has no use
// for goes back at once. Only the waits are operations under way.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "src/mailbox.h"
#include "src/reactor.h"

namespace tina::internal {
namespace {

/// Buffers that a receive asks for at least.
constexpr std::uint32_t kWantedLeast = 4;

}  // namespace

/// Starts a receive. Where the last one found all that it could take, more may be there already.
void Reactor::start_receive_batch(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                  std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  const IoTable& io = type.table->ios[record.object];
  TINA_ASSERT(io.batch > 0);
  if (type.object(slot, record.object).phase != ObjectPhase::kOpen) {
    refuse(core, type, slot, record_index);
  } else if (type.batch(slot, record.object).wanted > io.batch) {
    receive_batch(core, type, slot, record_index);
  } else {
    submit(core, type, slot, record_index);
  }
}

/// Gives the next place of a batch a buffer. False: none is free.
bool Reactor::take_place(ShardCore& core, Batch& batch) {
  if (!take_buffer(core, batch.datagrams()[batch.held].data)) return false;
  ++batch.held;
  return true;
}

/// Datagrams may be there: takes as many as fit into the buffers that are free, or waits for one,
/// or for datagrams.
void Reactor::receive_batch(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                            std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  Batch& batch = type.batch(slot, record.object);
  const std::uint32_t most = std::min(batch.places, std::max(batch.wanted, kWantedLeast));
  while (batch.held < most && take_place(core, batch)) continue;
  if (batch.held == 0) return park(core, type, slot, record_index);
  const std::uint32_t taken = std::exchange(batch.held, 0);
  record.value = move_datagrams(type, slot, record_index, 0, taken);
  const auto arrived = static_cast<std::uint32_t>(std::max(record.value, 0));
  TINA_ASSERT(arrived <= taken);
  batch.received = arrived;
  give_back_batch(core, batch, arrived, taken);
  if (record.value == -EAGAIN) {
    batch.wanted = 0;
    return submit(core, type, slot, record_index);
  }
  batch.wanted = arrived < taken         ? arrived + 1
                 : taken == batch.places ? taken + 1
                                         : std::min(2 * taken, batch.places);
  deliver(core, type, slot, record_index);
}

/// Starts a send of the list that the operation has taken; its sizes count datagrams.
void Reactor::start_send_batch(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                               std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  record.size = 0;
  TINA_ASSERT(type.table->ios[record.object].gather > 0);
  record.size = type.gather(slot, record.object).taken;
  type.batch(slot, record.object).error = 0;
  send_batch(core, type, slot, record_index);
}

/// Hands the list to the backend, or what is left of it. A datagram that cannot be sent does not
/// keep the others; the first one's error is told.
void Reactor::send_batch(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                         std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  Batch& batch = type.batch(slot, record.object);
  Gather& list = type.gather(slot, record.object);
  while (list.skipped < list.taken) {
    const std::uint32_t from = list.place(list.skipped);
    const std::uint32_t row = std::min(list.taken - list.skipped, list.places - from);
    const std::int32_t value = move_datagrams(type, slot, record_index, from, row);
    if (value == -EAGAIN) {
      record.waits = true;
      return submit(core, type, slot, record_index);
    }
    if (value <= 0) {
      if (batch.error == 0) batch.error = value == 0 ? -EIO : value;
      ++list.skipped;
      continue;
    }
    TINA_ASSERT(static_cast<std::uint32_t>(value) <= row);
    list.skipped += static_cast<std::uint32_t>(value);
    record.done += static_cast<std::uint32_t>(value);
  }
  record.value = batch.error;
  deliver(core, type, slot, record_index);
}

/// Has the backend move the datagrams of `count` places from `from` on: how many it has moved, or
/// minus an errno.
std::int32_t Reactor::move_datagrams(TypeBlock& type, std::uint32_t slot, std::uint8_t record_index,
                                     std::uint32_t from, std::uint32_t count) {
  const ResultRecord& record = type.result(slot, record_index);
  Operation operation{Token::make(index(type.table->id), slot, record_index),
                      record.op,
                      type.object(slot, record.object).descriptor,
                      nullptr,
                      count,
                      from,
                      type.operands_of(slot, record.object) + traits(record.op).operand_offset};
  if (traits(record.op).gathers) {
    operation.data =
        reinterpret_cast<const std::byte*>(type.gather(slot, record.object).parts() + from);
  }
  std::int32_t value = -EINTR;
  while (value == -EINTR) value = calls_->move_batch(backend_, operation);
  return value;
}

/// Of the places of a batch, those from `from` on before `end`.
void Reactor::give_back_batch(ShardCore& core, Batch& batch, std::uint32_t from,
                              std::uint32_t end) {
  for (std::uint32_t i = from; i < end; ++i) {
    Buffer& data = batch.datagrams()[i].data;
    const std::uint32_t block = data.index();
    data = Buffer();
    release_block(core, block);
  }
}

}  // namespace tina::internal
