// SPDX-License-Identifier: Apache-2.0
// See reactor.h. Reads of a file into several buffers. The first one is taken, or waited for, as
// that of any read; the others are those that are free when the read starts. All of them are the
// operation's until its completion, and what it has not filled goes back with that.
#include <algorithm>

#include "src/reactor.h"

namespace tina::internal {

void Reactor::start_scattered(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                              std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  TINA_ASSERT(type.table->ios[record.object].scatter > 0);
  if (type.object(slot, record.object).phase == ObjectPhase::kOpen) {
    submit_with_buffer(core, type, slot, record_index);
  } else {
    refuse(core, type, slot, record_index);
  }
}

/// Takes one more buffer. False: none is free.
bool Reactor::take_place(ShardCore& core, Scatter& scatter) {
  if (!take_buffer(core, scatter.buffers()[scatter.held + 1])) return false;
  ++scatter.held;
  return true;
}

/// Makes an operation that of as many buffers as it wants, has places for, and are free.
void Reactor::point_at_buffers(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                               const ResultRecord& record, Operation& operation) {
  Scatter& scatter = type.scatter(slot, record.object);
  const std::uint32_t most = type.operand<ReadExtra>(slot, record.object, record.op).most;
  std::uint64_t left = most == 0 ? kBytesMost : std::min<std::uint64_t>(most, kBytesMost);
  scatter.buffers()[0] = buffer_of(core, record.buffer);
  const std::uint32_t places = std::min(scatter.places, kPartsPerCall);
  std::uint32_t count = 0;
  for (; left > 0 && count < places; ++count) {
    if (count > scatter.held && !take_place(core, scatter)) break;
    const std::uint64_t size = std::min<std::uint64_t>(left, core.buffer_size);
    scatter.parts()[count] = {scatter.buffers()[count].bytes().data(), size};
    left -= size;
  }
  operation.data = reinterpret_cast<const std::byte*>(scatter.parts());
  operation.size = count;
}

/// A read has ended, with so many bytes: its record keeps the first buffer, if any, by itself.
void Reactor::give_back_unfilled(ShardCore& core, TypeBlock& type, std::uint32_t slot, unsigned io,
                                 std::uint32_t arrived) {
  if (type.table->ios[io].scatter == 0) return;
  Scatter& scatter = type.scatter(slot, io);
  const std::uint32_t filled =
      arrived == 0 ? 0 : static_cast<std::uint32_t>((arrived - 1) / core.buffer_size);
  while (scatter.held > filled) {
    const std::uint32_t block = scatter.buffers()[scatter.held--].index();
    release_block(core, block);
  }
}

// What operations that gather and that scatter have in common.

void Reactor::start_list(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                         std::uint8_t record_index) {
  if (traits(type.result(slot, record_index).op).gathers) {
    start_gathered(core, type, slot, record_index);
  } else {
    start_scattered(core, type, slot, record_index);
  }
}

void Reactor::point_at_list(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                            const ResultRecord& record, Operation& operation) {
  if (traits(record.op).gathers) {
    point_at_parts(type, slot, record, operation);
  } else {
    point_at_buffers(core, type, slot, record, operation);
  }
}

void Reactor::give_back_list(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                             const ResultRecord& record, std::int32_t arrived) {
  if (traits(record.op).gathers) {
    give_back_taken(core, type, slot, record.object);
  } else {
    give_back_unfilled(core, type, slot, record.object, static_cast<std::uint32_t>(arrived));
  }
}

}  // namespace tina::internal
