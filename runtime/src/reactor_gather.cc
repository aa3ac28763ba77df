// SPDX-License-Identifier: Apache-2.0
// See reactor.h. The lists of blocks that gathered operations write: a ring of parts beside the
// object. An operation takes all that wait; others may be added behind them meanwhile, for the
// next one. A part's block belongs to the list until the operation that took it has ended.
#include <algorithm>

#include "src/mailbox.h"
#include "src/reactor.h"

namespace tina::internal {

AddResult Reactor::add_part(ShardCore& core, TypeBlock& type, std::uint32_t slot, unsigned io,
                            BlockHandle& block, const net::Address* to) {
  const IoTable& table = type.table->ios[io];
  if (table.gather == 0) return AddResult::kFull;
  Gather& list = type.gather(slot, io);
  if (list.taken + list.waiting == list.places) return AddResult::kFull;
  if (list.waiting_bytes + block.size > kBytesMost) return AddResult::kFull;
  const std::uint32_t place = list.place(list.taken + list.waiting);
  list.parts()[place] = {block.data, block.size};
  list.blocks()[place] = block.index;
  if (has_batch(table)) {
    AddressOperand& goes = type.batch(slot, io).to()[place];
    goes.given = to == nullptr ? 0 : 1;
    if (to != nullptr) goes.address = *to;
  }
  let_go(core, {&type, slot}, block.index, Holder::kOperation);
  ++list.waiting;
  list.waiting_bytes += block.size;
  return AddResult::kAdded;
}

/// Starts an operation that takes its object's list. Where nothing is to be sent, nothing is.
void Reactor::start_gathered(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                             std::uint8_t record_index) {
  ResultRecord& record = type.result(slot, record_index);
  take_parts(type, slot, record);
  const bool open = type.object(slot, record.object).phase == ObjectPhase::kOpen;
  if (open && traits(record.op).batches) return start_send_batch(core, type, slot, record_index);
  if (open && (record.size > 0 || on_files(record.op))) {
    return submit(core, type, slot, record_index);
  }
  if (!open) record.value = -traits_of(type.table->ios[record.object].kind).not_open;
  deliver(core, type, slot, record_index);
}

/// All that waits becomes the operation's.
void Reactor::take_parts(TypeBlock& type, std::uint32_t slot, ResultRecord& record) {
  if (type.table->ios[record.object].gather == 0) return;
  Gather& list = type.gather(slot, record.object);
  TINA_ASSERT(list.taken == 0);
  record.data = reinterpret_cast<const std::byte*>(list.parts());
  record.size = static_cast<std::uint32_t>(list.waiting_bytes);
  list.taken = list.waiting;
  list.skipped = 0;
  list.waiting = 0;
  list.waiting_bytes = 0;
}

/// Makes an operation that of the parts that lie next, as many as lie in a row. A commit of which
/// that is not all becomes a write, and only its last part syncs. An object without the setting has
/// none.
void Reactor::point_at_parts(TypeBlock& type, std::uint32_t slot, const ResultRecord& record,
                             Operation& operation) {
  if (record.size == 0) {
    operation.data = nullptr;
    if (operation.op == OpCode::kCommit) operation.op = OpCode::kSyncData;
    return;
  }
  Gather& list = type.gather(slot, record.object);
  const std::uint32_t left = list.taken - list.skipped;
  const std::uint32_t from = left == 0 ? 0 : list.place(list.skipped);
  const std::uint32_t row = std::min({left, list.places - from, kPartsPerCall});
  operation.data = reinterpret_cast<const std::byte*>(list.parts() + from);
  operation.size = row;
  if (operation.op != OpCode::kCommit) return;
  if (row < left) operation.op = OpCode::kWriteGathered;
}

void Reactor::skip_parts(Gather& list, std::uint32_t bytes) {
  for (std::size_t left = bytes; left > 0;) {
    TINA_ASSERT(list.skipped < list.taken);
    GatherPart& part = list.parts()[list.place(list.skipped)];
    const std::size_t size = std::min(left, part.size);
    part.data += size;
    part.size -= size;
    left -= size;
    if (part.size == 0) ++list.skipped;
  }
}

void Reactor::give_back_taken(ShardCore& core, TypeBlock& type, std::uint32_t slot, unsigned io) {
  if (type.table->ios[io].gather == 0) return;
  Gather& list = type.gather(slot, io);
  while (list.taken > 0) {
    const std::uint32_t block = list.blocks()[list.first];
    list.first = list.place(1);
    --list.taken;
    release_block(core, block);
  }
  list.skipped = 0;
}

/// The isolate has ended, or closed its object: nobody will write them.
void Reactor::give_back_waiting(ShardCore& core, TypeBlock& type, std::uint32_t slot, unsigned io) {
  Gather& list = type.gather(slot, io);
  while (list.waiting > 0) {
    --list.waiting;
    release_block(core, list.blocks()[list.place(list.taken + list.waiting)]);
  }
  list.waiting_bytes = 0;
}

}  // namespace tina::internal
