// SPDX-License-Identifier: Apache-2.0
// See arena.h.
#include "src/arena.h"

#include <cstring>
#include <new>

namespace tina::internal {
namespace {

static_assert(sizeof(TypeBlock) <= kTypeBlockSize);
static_assert(alignof(TypeBlock) <= kCacheLine);

template <class T>
T* as(std::byte* memory) {
  return reinterpret_cast<T*>(memory);
}

void place_type_part(TypeBlock& type, Part part, std::byte* memory) {
  switch (part) {
    case Part::kStates:
      type.states = memory;
      break;
    case Part::kMeta:
      type.meta = as<SlotMeta>(memory);
      break;
    case Part::kRecords:
      type.records = as<SlotRecord>(memory);
      break;
    case Part::kEntries:
      type.entries = memory;
      break;
    case Part::kInits:
      type.inits = memory;
      break;
    case Part::kResults:
      type.results = as<ResultRecord>(memory);
      break;
    case Part::kObjects:
      type.objects = as<IoObject>(memory);
      break;
    case Part::kOperands:
      type.operands = memory;
      break;
    case Part::kReady:
      type.ready = as<std::uint32_t>(memory);
      break;
    case Part::kDeferred:
      type.deferred = memory;
      break;
    case Part::kFree:
      type.free = as<std::uint32_t>(memory);
      break;
    case Part::kCalls:
      type.calls = memory;
      break;
    case Part::kOpenCalls:
      type.open_calls = as<OpenCall>(memory);
      break;
    case Part::kHeard:
      type.heard = as<HeardRecord>(memory);
      break;
    case Part::kWatches:
      type.watches = as<WatchRecord>(memory);
      break;
    case Part::kKept:
      type.kept = as<std::uint32_t>(memory);
      break;
    default:
      TINA_ASSERT(false);
  }
}

void place_shard_part(ShardRegions& regions, Part part, std::byte* memory) {
  switch (part) {
    case Part::kTimers:
      regions.timers = memory;
      break;
    case Part::kMonitors:
      regions.monitors = memory;
      break;
    case Part::kBuffers:
      regions.buffers = memory;
      break;
    case Part::kBlobs:
      regions.blobs = memory;
      break;
    case Part::kBufferRecords:
      regions.block_records = memory;
      break;
    case Part::kScratch:
      regions.scratch = memory;
      break;
    case Part::kChildren:
      regions.children = memory;
      break;
    case Part::kSupervisors:
      regions.supervisors = memory;
      break;
    case Part::kPlaces:
      regions.places = memory;
      break;
    case Part::kRestartWindow:
      regions.restart_window = memory;
      break;
    case Part::kInboundRings:
      regions.inbound_rings = memory;
      break;
    case Part::kLog:
      regions.log = memory;
      break;
    default:
      TINA_ASSERT(false);
  }
}

/// What follows `at` in a chain of `count` records from `first` on.
std::uint8_t chain(std::uint8_t first, std::uint8_t count, std::uint8_t at) {
  return at + 1 == first + count ? kNoRecord : static_cast<std::uint8_t>(at + 1);
}

/// All calls and open calls of a slot are free.
void start_calls(TypeBlock& type, std::uint32_t slot) {
  const TypeTable& table = *type.table;
  type.records[slot].free_open = table.open == 0 ? kNoRecord : 0;
  type.records[slot].free_call = table.calls == 0 ? kNoRecord : table.first_call;
  for (unsigned i = 0; i < table.calls; ++i) {
    const auto record = static_cast<std::uint8_t>(table.first_call + i);
    ResultRecord& result = type.result(slot, record);
    result.op = OpCode::kCall;
    result.next = chain(table.first_call, table.calls, record);
    result.data = reinterpret_cast<const std::byte*>(&type.call(slot, record));
  }
  for (std::uint8_t i = 0; i < table.open; ++i) {
    type.open_call(slot, i).next = chain(0, table.open, i);
    type.open_call(slot, i).serial = 1;
  }
}

/// Nothing is to be sent, and nothing has arrived.
void start_lists(TypeBlock& type, std::uint32_t slot, unsigned number) {
  const IoTable& io = type.table->ios[number];
  if (io.gather > 0) type.gather(slot, number) = Gather{io.gather, 0, 0, 0, 0, 0, 0};
  if (io.scatter > 0) type.scatter(slot, number) = Scatter{io.scatter, 0};
  if (has_batch(io)) type.batch(slot, number) = Batch{io.batch, io.gather, 0, 0, 0, 0};
}

void start_type(TypeBlock& type, const TypeTable& table, std::uint32_t timer_base) {
  type.table = &table;
  type.slots = table.slots;
  type.mailbox = table.payload_size == 0 ? 0 : table.mailbox;
  type.entry_stride = static_cast<std::uint32_t>(entry_stride(table.payload_size));
  TINA_ASSERT(queue_places(table) * entry_stride(table.payload_size) < (std::uint64_t{1} << 32));
  type.end = queue_places(table) * type.entry_stride;
  type.state_stride = static_cast<std::uint32_t>(state_stride(table.state_size));
  type.init_stride = static_cast<std::uint32_t>(round_up(table.init_size, 8));
  type.call_stride = static_cast<std::uint32_t>(call_stride(table));
  type.timer_base = timer_base;
  type.timers_per_slot = timers_per_slot(table);
  type.results_per_slot = table.records;
  type.operand_stride = static_cast<std::uint32_t>(operands_before(table, table.ios.size()));
  type.number = static_cast<std::uint32_t>(index(table.id));
  // A result record is that of a timer, a call, an operation or `yield`.
  type.owns_nothing = table.records == 0 && table.open == 0 && table.served == 0 && !table.defers &&
                      type.watches == nullptr && table.ios.empty() && table.blocks.empty() &&
                      table.kept == 0;
  type.free_count = table.slots;
  const std::uint32_t places = deferred_places(table);
  type.deferred_free = places == 0 ? kNoPlace : 0;
  for (std::uint32_t place = 0; place < places; ++place) {
    type.deferred_at(place)->next = place + 1 == places ? kNoPlace : place + 1;
  }
  for (std::uint32_t slot = 0; slot < table.slots; ++slot) {
    type.free[slot] = slot;
    type.meta[slot].generation = 1;
    for (std::size_t io = 0; io < table.ios.size(); ++io) {
      type.object(slot, static_cast<unsigned>(io)) = {-1, ObjectPhase::kClosed, 0, 0};
      start_lists(type, slot, static_cast<unsigned>(io));
    }
    for (unsigned record = 0; record < table.records; ++record) {
      type.result(slot, record).buffer = kNoBuffer;
    }
    for (std::uint32_t place = 0; place < table.kept; ++place) {
      type.kept[slot * table.kept + place] = kNoBuffer;
    }
    start_calls(type, slot);
  }
}

}  // namespace

ShardRegions build_arena(const RoleTable& role, std::byte* memory, ShardCore& core,
                         Canaries& canaries) {
  TINA_ASSERT(role.types.size() <= kTypesMax);
  ShardRegions regions;
  for_each_region(role, [&](const Region& region) {
    std::byte* const at = memory + region.offset;
    std::byte* const canary = memory + round_up(region.offset + region.size, kCacheLine);
    std::memset(canary, static_cast<int>(kCanaryByte), kCanarySize);
    canaries.at[canaries.count++] = canary;
    if (region.part == Part::kTypeBlocks) {
      core.types = as<TypeBlock>(at);
      for (std::size_t i = 0; i < role.types.size(); ++i) ::new (&core.types[i]) TypeBlock();
    } else if (region.part >= Part::kStates && region.part <= Part::kDeferred) {
      place_type_part(core.types[region.type], region.part, at);
    } else {
      place_shard_part(regions, region.part, at);
    }
  });
  std::uint32_t timers = 0;
  for (std::size_t i = 0; i < role.types.size(); ++i) {
    start_type(core.types[i], role.types[i], timers);
    timers += role.types[i].slots * timers_per_slot(role.types[i]);
  }
  core.type_count = static_cast<std::uint16_t>(role.types.size());
  core.buffers = regions.buffers;
  core.blobs = regions.blobs;
  core.scratch = regions.scratch;
  core.blocks = as<BlockRecord>(regions.block_records);
  core.buffer_size = role.receive_buffer_size;
  core.buffer_count = role.receive_buffers;
  core.block_count = block_count(role);
  return regions;
}

}  // namespace tina::internal
