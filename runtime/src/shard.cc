// SPDX-License-Identifier: Apache-2.0
// See shard.h.
#include "src/shard.h"

#include <bit>
#include <cstring>
#include <new>

#include "src/mailbox.h"
#include "src/os_memory.h"

namespace tina::internal {
namespace {

static_assert(sizeof(TimerNode) == kTimerNodeSize);
static_assert(sizeof(Ring) <= kRingControlSize);
static_assert(sizeof(RingSlot) == kRingSlotSize);

/// What precedes a message in a ring. `to` holds a handle or, with kByPath in `type`, the address
/// of a child.
struct RemoteHeader {
  std::uint64_t to;
  std::uint16_t type;
  std::uint16_t tag;
  std::uint32_t size;
};
static_assert(sizeof(RemoteHeader) == 16);
constexpr std::uint16_t kByPath = 0x8000;
static_assert(kTypesMax <= kByPath);

Ring* make_ring(const InboundTable& inbound, std::byte* memory) {
  auto* slots = reinterpret_cast<RingSlot*>(memory + kRingControlSize);
  return ::new (memory) Ring(std::span<RingSlot>(slots, inbound.places));
}

/// Puts a message from a ring into its mailbox, or counts why not.
void deliver_remote(ShardParts& shard, const Ring::Message& message) {
  RemoteHeader header;
  TINA_ASSERT(message.size_bytes >= sizeof header);
  std::memcpy(&header, message.data, sizeof header);
  const auto type_index = static_cast<std::uint16_t>(header.type & ~kByPath);
  TINA_ASSERT(type_index < shard.type_count);
  TypeBlock& type = shard.types[type_index];
  const Handle to = (header.type & kByPath) == 0
                        ? Handle{header.to}
                        : resolve_child(shard, std::bit_cast<ChildAddress>(header.to));
  const std::uint32_t slot = to.slot();
  if (slot >= type.slots || type.meta[slot].generation != to.generation() ||
      (type.meta[slot].flags & kLive) == 0) {
    ++type.count.refused_dead;
    return;
  }
  SlotMeta& meta = type.meta[slot];
  if (meta.pending >= type.mailbox) {
    ++type.count.refused_full;
    return;
  }
  EntryHeader* entry = type.entry(type.tail);
  std::memcpy(entry + 1, message.data + sizeof header, header.size);
  entry->slot = slot;
  entry->generation = meta.generation;
  entry->tag = header.tag;
  type.tail = type.after(type.tail);
  ++type.count.accepted;
  ++meta.pending;
  mark_busy(shard, type);
}

SendResult put_in_ring(ShardCore& core, unsigned peer, const RemoteHeader& header,
                       const void* payload) {
  ShardParts& shard = parts(core);
  Ring* const ring = peer < shard.outbound.size() ? shard.outbound[peer] : nullptr;
  if (ring == nullptr) return SendResult::kDead;
  std::byte* const place =
      ring->try_reserve(static_cast<std::uint32_t>(sizeof(RemoteHeader)) + header.size);
  if (place == nullptr) {
    ++shard.counters.ring_refused;
    return SendResult::kRingFull;
  }
  std::memcpy(place, &header, sizeof header);
  std::memcpy(place + sizeof header, payload, header.size);  // a fault here is still the handler's
  set_phase(core, Phase::kRuntime);
  ring->commit();
  set_phase(core, Phase::kHandler);
  return SendResult::kQueued;
}

}  // namespace

SendResult send_remote(ShardCore& core, TypeId type, Handle to, std::uint16_t tag,
                       const void* payload, std::uint32_t size) noexcept {
  const auto type_index = static_cast<std::uint16_t>(index(type));
  return put_in_ring(core, index(to.shard()), {to.bits, type_index, tag, size}, payload);
}

SendResult send_remote(ShardCore& core, TypeId type, ChildAddress to, std::uint16_t tag,
                       const void* payload, std::uint32_t size) noexcept {
  const auto type_index = static_cast<std::uint16_t>(index(type) | kByPath);
  return put_in_ring(core, index(to.shard),
                     {std::bit_cast<std::uint64_t>(to), type_index, tag, size}, payload);
}

bool Shard::build(const SystemTable& system, const void* config, ShardId id,
                  const Placement& placement, bool populate) {
  const unsigned number = placement.role_of(index(id));
  const RoleTable& role = system.roles[number];
  arena_bytes = arena_size(role);
  arena = map_block(arena_bytes, populate ? Presence::kPopulated : Presence::kLazy);
  if (arena == nullptr) return false;
  parts.system = &system;
  parts.role = &role;
  parts.config = config;
  parts.shard = id;
  parts.shards = static_cast<std::uint16_t>(placement.shards());
  parts.placement = &placement;
  parts.role_number = static_cast<std::uint16_t>(number);
  const ShardRegions regions = build_arena(role, arena, parts, canaries);
  parts.canaries = canaries.at.data();
  parts.canary_count = canaries.count;
  parts.timers = reinterpret_cast<TimerNode*>(regions.timers);
  parts.log.start({regions.log, kLogRecords * kLogRecordSize});
  for (unsigned i = 0; i < parts.type_count; ++i) {
    const TypeBlock& type = parts.types[i];
    for (std::uint32_t t = 0; t < type.slots * timers_per_slot(*type.table); ++t) {
      parts.timers[type.timer_base + t].owner = i;
    }
  }
  parts.tree.start(role, regions);
  inbound.assign(placement.shards(), nullptr);
  outbound.assign(placement.shards(), nullptr);
  place_rings(regions.inbound_rings);
  return true;
}

void Shard::place_rings(std::byte* memory) {
  for (const InboundTable& channel : parts.role->inbound) {
    const RoleShards& senders = parts.placement->role(channel.from);
    for (unsigned i = 0; i < senders.count; ++i) {
      const unsigned sender = senders.first + i;
      if (sender == index(parts.shard)) continue;
      inbound[sender] = make_ring(channel, memory + i * ring_size(channel));
    }
    memory += channel.shards * ring_size(channel);
  }
  for (unsigned i = 0; i < inbound.size(); ++i) {
    if (inbound[i] != nullptr) drained.push_back({inbound[i], i});
  }
  parts.inbound = drained;
}

void Shard::destroy() {
  if (arena != nullptr) unmap_block(arena, arena_bytes);
  arena = nullptr;
}

void connect(std::span<const std::unique_ptr<Shard>> shards) {
  for (const auto& from : shards) {
    for (unsigned to = 0; to < shards.size(); ++to) {
      Ring* const ring = shards[to]->inbound[index(from->parts.shard)];
      from->outbound[to] = ring;
      if (ring != nullptr) from->published.push_back({ring, to});
    }
    from->parts.outbound = from->outbound;
    from->parts.published = from->published;
  }
}

void start(Shard& shard, std::uint64_t now_ns, std::uint64_t wall_offset_ns,
           const BackendCalls& calls, void* backend) {
  ShardParts& parts = shard.parts;
  parts.now = Instant{now_ns};
  parts.wall_offset_ns = wall_offset_ns;
  std::size_t timers = 0;
  for (const TypeTable& type : parts.role->types) {
    timers += std::size_t{type.slots} * timers_per_slot(type);
  }
  shard.wheel =
      std::make_unique<Wheel>(std::span<TimerNode>(parts.timers, timers), parts.tick_of(now_ns));
  parts.wheel = shard.wheel.get();
  parts.reactor.start(parts, &calls, backend);
}

std::uint32_t drain_inbound(ShardParts& shard) {
  std::uint32_t taken = 0;
  for (const auto& [ring, peer] : shard.inbound) {
    std::uint32_t from_ring = 0;
    for (; from_ring < kRemotePerRing; ++from_ring) {
      const Ring::Message message = ring->peek();
      if (!message) break;
      deliver_remote(shard, message);
      ring->pop();
    }
    ring->release();
    taken += from_ring;
  }
  return taken;
}

bool inbound_empty(const ShardParts& shard) {
  for (const auto& [ring, peer] : shard.inbound) {
    if (!ring->empty_for_sleeper()) return false;
  }
  return true;
}

void publish_outbound(ShardParts& shard, std::span<ShardParts* const> peers,
                      void (*wake)(void*, unsigned), void* waker) {
  for (const auto& [ring, peer] : shard.published) {
    if (ring->publish() && peers[peer]->sleep_flag.should_wake()) wake(waker, peer);
  }
}

std::uint32_t dispatch_ready(ShardParts& shard) {
  std::uint32_t calls = 0;
  const unsigned words = BusyTypes::words_of(shard.type_count);
  for (bool any = true; any && calls < kCallsPerPass;) {
    any = false;
    for (unsigned word = 0; word < words; ++word) {
      for (std::uint64_t busy = shard.busy_types.word(word); busy != 0; busy &= busy - 1) {
        const unsigned type = word * 64 + static_cast<unsigned>(std::countr_zero(busy));
        calls += run_trapped(shard, shard.types[type].table->dispatch, kCallsPerBatch);
        any = true;
      }
    }
  }
  return calls;
}

std::uint32_t advance_wheel(ShardParts& shard) {
  return shard.wheel->advance(shard.tick_of(shard.now.ns), Wheel::kWorkPerPass,
                              [&shard](std::uint32_t timer) { on_timer(shard, timer); });
}

std::uint64_t next_deadline_ns(const ShardParts& shard) {
  const std::uint64_t tick = shard.wheel->next_expiry_bound();
  const std::uint64_t supervisor = shard.tree.deadline_ns();
  if (tick == Wheel::kNever) return supervisor;
  const std::uint64_t timer = tick * static_cast<std::uint64_t>(shard.role->tick_ns);
  return supervisor == 0 || timer < supervisor ? timer : supervisor;
}

void publish_counters(ShardParts& shard) {
  if (shard.page == nullptr) return;
  shard.counters.log_lost = shard.log.lost();
  shard.counters.reads_parked = shard.reactor.parked_total();
  shard.counters.buffers_free = shard.reactor.free_buffers();
  shard.counters.operations_in_flight = shard.reactor.in_flight();
  shard.counters.phase = static_cast<std::uint64_t>(shard.tree.phase());
  publish(*shard.page, shard, shard.counters);
}

}  // namespace tina::internal
