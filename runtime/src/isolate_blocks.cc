// SPDX-License-Identifier: Apache-2.0
// See isolate_blocks.h. What contexts and the contract call (tina/block.h, tina/owned.h) is here
// too.
#include "src/isolate_blocks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "src/isolate_streams.h"
#include "src/mailbox.h"
#include "src/trap.h"

namespace tina::internal {
namespace {

Keeper running(const ShardCore& core) {
  const Running now = core.running.get();
  return {&core.types[now.type], now.slot};
}

/// Every block of a message must be the running isolate's, and no two of them the same one: a
/// handle that was kept against the rules ends the isolate, before anything is given away.
void check_blocks(ShardCore& core, const TypeTable& table, std::uint16_t tag, std::byte* message) {
  const Keeper keeper = running(core);
  for_each_block(table, tag, message, [&](const BlockHandle* handle) {
    bool fits = has_block(core, keeper, *handle);
    for_each_block(table, tag, message, [&](const BlockHandle* other) {
      fits = fits && (other == handle || other->index != handle->index);
    });
    if (!fits) crash_running(core, "stale_buffer");
  });
}

/// Nobody gets the message: its blocks go back.
void release_message(ShardParts& shard, const TypeTable& table, std::uint16_t tag,
                     std::byte* message) {
  for_each_block(table, tag, message, [&](BlockHandle* handle) {
    TINA_ASSERT(handle->index < shard.block_count &&
                shard.blocks[handle->index].holder == Holder::kMessage);
    shard.reactor.release_block(shard, handle->index);
    *handle = BlockHandle{};
  });
}

/// Gives the blocks of a message to the handler that is about to get it.
void hold_fields(ShardCore& core, const TypeTable& table, std::uint16_t tag, std::byte* message) {
  for_each_block(table, tag, message, [&](const BlockHandle* handle) {
    TINA_ASSERT(handle->index < core.block_count &&
                core.blocks[handle->index].holder == Holder::kMessage);
    hold_block(core, handle->index);
  });
}

/// Of what moves only connections leave their shard.
SendResult send_away(ShardCore& core, unsigned shard, RemoteKind kind, TypeId id, std::uint64_t to,
                     const OwnedMessage& message) {
  TypeBlock& type = core.types[index(id)];
  for (const BlockField& field : type.table->blocks) {
    if (field.tag == message.tag) return refuse_message(type, SendResult::kDead);
  }
  const auto number = static_cast<std::uint8_t>(index(id));
  return hand_over(core, shard, {to, number, kind, message.tag, message.size}, message);
}

std::byte* payload(const EntryHeader* entry) {
  return const_cast<std::byte*>(reinterpret_cast<const std::byte*>(entry + 1));
}

}  // namespace

// What contexts call.

BlockHandle take_blob(ShardCore& core, std::uint32_t size) noexcept {
  set_phase(core, Phase::kRuntime);
  Blocks& blocks = parts(core).reactor.blocks();
  const unsigned pool = blocks.pool_for(size);
  const std::uint32_t block = pool == kReceivePool ? kNoBuffer : blocks.take(core, pool);
  BlockHandle handle;
  if (block == kNoBuffer) {
    ++blocks.exhausted;
  } else {
    hold_block(core, block);
    handle = {blocks.memory(block, core), size, block, core.blocks[block].serial, 0};
  }
  set_phase(core, Phase::kHandler);
  return handle;
}

KeepResult keep_block(ShardCore& core, BlockHandle& from, BlockHandle& to) noexcept {
  const Keeper keeper = running(core);
  if (!has_block(core, keeper, from)) crash_running(core, "stale_buffer");
  if (to.index != from.index && has_block(core, keeper, to)) give_back_block(core, to);
  const auto kept = keeper.kept();
  const auto place = std::find(kept.begin(), kept.end(), kNoBuffer);
  const bool again = core.blocks[from.index].holder == Holder::kKept;
  if (!again && place == kept.end()) return KeepResult::kFull;
  set_phase(core, Phase::kRuntime);
  if (!again) {
    let_go(core, keeper, from.index, Holder::kKept);
    *place = from.index;
  }
  set_phase(core, Phase::kHandler);
  to = std::exchange(from, BlockHandle{});  // a fault here is still the handler's: it is kept
  return KeepResult::kKept;
}

void give_back_block(ShardCore& core, BlockHandle& handle) noexcept {
  if (handle.index == kNoBuffer) return;
  const Keeper keeper = running(core);
  if (!has_block(core, keeper, handle)) crash_running(core, "stale_buffer");
  const std::uint32_t block = handle.index;
  handle = BlockHandle{};
  set_phase(core, Phase::kRuntime);
  let_go(core, keeper, block, Holder::kOperation);
  parts(core).reactor.release_block(core, block);
  set_phase(core, Phase::kHandler);
}

AddResult add_part(ShardCore& core, TypeId id, std::uint32_t slot, std::uint8_t io,
                   BlockHandle& block, const net::Address* to) noexcept {
  TypeBlock& type = core.types[index(id)];
  const Keeper keeper{&type, slot};
  Blocks& blocks = parts(core).reactor.blocks();
  const bool fits = has_block(core, keeper, block) && block.size <= blocks.size(block.index, core);
  if (!fits) crash_running(core, "stale_buffer");
  set_phase(core, Phase::kRuntime);
  BlockHandle part = block;
  part.data = blocks.memory(block.index, core);
  const AddResult result = parts(core).reactor.add_part(core, type, slot, io, part, to);
  set_phase(core, Phase::kHandler);
  if (result == AddResult::kAdded) block = BlockHandle{};
  return result;
}

std::uint32_t parts_waiting(const ShardCore& core, TypeId id, std::uint32_t slot,
                            std::uint8_t io) noexcept {
  TypeBlock& type = core.types[index(id)];
  return type.table->ios[io].gather == 0 ? 0 : type.gather(slot, io).waiting;
}

SendResult send_moved(ShardCore& core, TypeId id, Handle to, const OwnedMessage& message) noexcept {
  TypeBlock& type = core.types[index(id)];
  if (to.shard() != core.shard) {
    return send_away(core, index(to.shard()), RemoteKind::kHandOver, id, to.bits, message);
  }
  if (!type.lives(to)) return refuse_message(type, SendResult::kDead);
  if (type.meta[to.slot()].pending >= type.mailbox) return refuse_message(type, SendResult::kFull);
  check_blocks(core, *type.table, message.tag, message.bytes);
  check_stream_of(core, *type.table, message);
  const std::uint32_t tail = type.tail;
  EntryHeader* const entry = type.entry(tail);
  *entry = EntryHeader::of(to.bits ^ core.home, message.tag);
  std::memcpy(entry + 1, message.bytes, message.size);  // a fault here is still the handler's
  set_phase(core, Phase::kRuntime);
  const Keeper keeper = running(core);
  for_each_block(*type.table, message.tag, message.bytes, [&](BlockHandle* handle) {
    let_go(core, keeper, handle->index, Holder::kMessage);
    *handle = BlockHandle{};
  });
  let_go_stream(core, *type.table, message);
  append_entry(core, type, index(id), tail, type.meta[to.slot()]);
  set_phase(core, Phase::kHandler);
  return SendResult::kQueued;
}

SendResult send_moved(ShardCore& core, TypeId id, ChildAddress to,
                      const OwnedMessage& message) noexcept {
  if (to.shard != core.shard) {
    return send_away(core, index(to.shard), RemoteKind::kHandOverByPath, id,
                     std::bit_cast<std::uint64_t>(to), message);
  }
  const Handle handle = resolve_child(core, to);
  if (handle == Handle{}) return refuse_message(core.types[index(id)], SendResult::kDead);
  return send_moved(core, id, handle, message);
}

// What the contract calls.

void check_init_blocks(ShardCore& core, TypeId id, const void* arguments) noexcept {
  auto* const bytes = const_cast<std::byte*>(static_cast<const std::byte*>(arguments));
  check_blocks(core, *core.types[index(id)].table, kInitArguments, bytes);
}

void adopt_init_blocks(ShardCore& core, TypeId id, std::uint32_t slot) noexcept {
  set_phase(core, Phase::kRuntime);
  TypeBlock& type = core.types[index(id)];
  const Keeper keeper = running(core);
  for_each_block(*type.table, kInitArguments, type.init(slot), [&](const BlockHandle* handle) {
    let_go(core, keeper, handle->index, Holder::kMessage);
  });
  type.records[slot].owns_init = true;
  set_phase(core, Phase::kHandler);
}

void hold_message(ShardCore& core, TypeBlock& type, EntryHeader* entry) noexcept {
  hold_stream(core, *type.table, entry->tag(), payload(entry));
  hold_fields(core, *type.table, entry->tag(), payload(entry));
}

void hold_init(ShardCore& core, TypeBlock& type, std::uint32_t slot) noexcept {
  if (!type.records[slot].owns_init) return;
  type.records[slot].owns_init = false;
  hold_fields(core, *type.table, kInitArguments, type.init(slot));
}

void drop_message(ShardCore& core, TypeBlock& type, const EntryHeader* entry) noexcept {
  drop_stream(parts(core), *type.table, entry->tag(), payload(entry));
  release_message(parts(core), *type.table, entry->tag(), payload(entry));
}

void reclaim_held(ShardCore& core) noexcept { parts(core).reactor.reclaim_transit(core); }

void end_blocks(ShardParts& shard, TypeBlock& type, std::uint32_t slot) {
  if (type.records[slot].owns_init) {
    type.records[slot].owns_init = false;
    release_message(shard, *type.table, kInitArguments, type.init(slot));
  }
  for (std::uint32_t& block : Keeper{&type, slot}.kept()) {
    if (block == kNoBuffer) continue;
    shard.reactor.release_block(shard, block);
    block = kNoBuffer;
  }
}

// The sums.

namespace {

struct Found {
  std::uint64_t messages = 0;
  std::uint64_t kept = 0;
  std::uint64_t operations = 0;
  bool sound = true;  ///< each has the holder in whose hands it was found
};

void count_message(const ShardParts& shard, const TypeBlock& type, std::uint16_t tag,
                   std::byte* message, Found& found) {
  for_each_block(*type.table, tag, message, [&](const BlockHandle* handle) {
    ++found.messages;
    found.sound = found.sound && handle->index < shard.block_count &&
                  shard.blocks[handle->index].holder == Holder::kMessage &&
                  shard.blocks[handle->index].serial == handle->serial;
  });
}

void count_slot(const ShardParts& shard, TypeBlock& type, std::uint32_t slot, Found& found) {
  if (type.records[slot].owns_init)
    count_message(shard, type, kInitArguments, type.init(slot), found);
  for (const std::uint32_t block : Keeper{&type, slot}.kept()) {
    if (block == kNoBuffer) continue;
    ++found.kept;
    found.sound = found.sound && shard.blocks[block].holder == Holder::kKept;
  }
  for (unsigned i = 0; i < type.table->records; ++i) {
    const ResultRecord& result = type.result(slot, i);
    const bool busy =
        result.status != RecordStatus::kIdle && result.status != RecordStatus::kParked;
    if (busy && result.buffer != kNoBuffer) ++found.operations;
  }
  for (unsigned io = 0; io < type.table->ios.size(); ++io) {
    if (has_batch(type.table->ios[io])) {
      const Batch& batch = type.batch(slot, io);
      found.operations += batch.received + batch.held;
    }
    if (type.table->ios[io].scatter > 0) found.operations += type.scatter(slot, io).held;
    if (type.table->ios[io].read_ahead > 0) {
      const ReadAhead& ahead = type.read_ahead(slot, io);
      found.operations += ahead.arrived + ahead.lent;
    }
    if (type.table->ios[io].gather == 0) continue;
    const Gather& list = type.gather(slot, io);
    found.operations += list.taken + list.waiting;
  }
  if (!type.table->defers || (type.meta[slot].flags & kLive) == 0) return;
  const std::uint32_t last = type.records[slot].last_deferred;
  if (last == kNoPlace) return;
  std::uint32_t at = last;
  do {
    at = type.deferred_at(at)->next;
    const auto* const entry = reinterpret_cast<const EntryHeader*>(type.deferred_at(at) + 1);
    count_message(shard, type, entry->tag(), payload(entry), found);
  } while (at != last);
}

}  // namespace

bool blocks_add_up(const ShardParts& shard) {
  Found found;
  for (unsigned i = 0; i < shard.type_count; ++i) {
    TypeBlock& type = shard.types[i];
    for (std::uint32_t slot = 0; slot < type.slots; ++slot) count_slot(shard, type, slot, found);
    for (std::uint32_t at = type.head; at != type.tail; at = type.after(at)) {
      count_message(shard, type, type.entry(at)->tag(), payload(type.entry(at)), found);
    }
  }
  std::array<std::uint64_t, 5> held{};
  for (std::uint32_t block = 0; block < shard.block_count; ++block) {
    ++held[static_cast<unsigned>(shard.blocks[block].holder)];
  }
  const auto of = [&held](Holder holder) { return held[static_cast<unsigned>(holder)]; };
  const Blocks& blocks = shard.reactor.blocks();
  return found.sound && of(Holder::kMessage) == found.messages && of(Holder::kKept) == found.kept &&
         of(Holder::kFree) == std::uint64_t{blocks.free(kReceivePool)} + blocks.free_blobs() &&
         of(Holder::kHandler) == 0 && of(Holder::kOperation) == found.operations &&
         blocks.taken - blocks.returned == shard.block_count - of(Holder::kFree);
}

}  // namespace tina::internal
