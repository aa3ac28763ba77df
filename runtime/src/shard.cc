// SPDX-License-Identifier: Apache-2.0
// See shard.h.
#include "src/shard.h"

#include <cstring>
#include <new>

#include "src/mailbox.h"
#include "src/monitor.h"
#include "src/os_memory.h"
#include "src/remote.h"
#include "src/shard_rounds.h"

namespace tina::internal {
namespace {

static_assert(sizeof(TimerNode) == kTimerNodeSize);
static_assert(sizeof(Ring) <= kRingControlSize);
static_assert(sizeof(RingSlot) == kRingSlotSize);

Ring* make_ring(const RoleTable& role, const InboundTable& inbound, std::byte* memory) {
  auto* slots = reinterpret_cast<RingSlot*>(memory + kRingControlSize);
  return ::new (memory)
      Ring(std::span<RingSlot>(slots, inbound.places), promised_slots(role, inbound));
}

}  // namespace

bool Shard::map(const SystemTable& system, const void* config, ShardId id,
                const Placement& placement) {
  const unsigned number = placement.role_of(index(id));
  const RoleTable& role = system.roles[number];
  arena_bytes = arena_size(role);
  arena = map_block(arena_bytes);
  if (arena == nullptr) return false;
  parts.system = &system;
  parts.role = &role;
  parts.config = config;
  parts.shard = id;
  parts.home = Handle::home(id);
  parts.shards = static_cast<std::uint16_t>(placement.shards());
  parts.placement = &placement;
  parts.role_number = static_cast<std::uint16_t>(number);
  inbound.assign(placement.shards(), nullptr);
  outbound.assign(placement.shards(), nullptr);
  writers.assign(placement.shards(), nullptr);
  links.assign(placement.shards() > 1 ? placement.shards() : 0, {});
  parts.links = links;
  return true;
}

void Shard::lay_out() {
  const RoleTable& role = *parts.role;
  const ShardRegions regions = build_arena(role, arena, parts, canaries);
  parts.canaries = canaries.at.data();
  parts.canary_count = canaries.count;
  parts.timers = reinterpret_cast<TimerNode*>(regions.timers);
  parts.log.start({regions.log, kLogRecords * kLogRecordSize});
  for (unsigned i = 0; i < parts.type_count; ++i) {
    TypeBlock& type = parts.types[i];
    TimerNode* const timers = parts.timers + type.timer_base;
    type.timers = reinterpret_cast<std::byte*>(timers);
    for (std::uint32_t t = 0; t < type.slots * type.timers_per_slot; ++t) {
      timers[t].type = static_cast<std::uint8_t>(i);
    }
  }
  share_out(parts);
  start_monitors(parts, reinterpret_cast<MonitorRecord*>(regions.monitors));
  parts.tree.start(role, regions);
  place_rings(regions.inbound_rings);
}

bool Shard::build(const SystemTable& system, const void* config, ShardId id,
                  const Placement& placement, bool populate) {
  if (!map(system, config, id, placement)) return false;
  if (populate && !make_present(arena, arena_bytes)) return false;
  lay_out();
  return true;
}

void Shard::place_rings(std::byte* memory) {
  for (const InboundTable& channel : parts.role->inbound) {
    const RoleShards& senders = parts.placement->role(channel.from);
    for (unsigned i = 0; i < senders.count; ++i) {
      const unsigned sender = senders.first + i;
      if (sender == index(parts.shard)) continue;
      inbound[sender] = make_ring(*parts.role, channel, memory + i * ring_size(channel));
      if (!links.empty()) links[sender].promises = promises(*parts.role, channel);
    }
    memory += channel.shards * ring_size(channel);
  }
  for (unsigned i = 0; i < inbound.size(); ++i) {
    if (inbound[i] != nullptr) drained.push_back({inbound[i], i});
  }
  parts.inbound = drained;
}

void Shard::destroy() {
  if (arena == nullptr) return;
  allow_scratch(arena, arena_bytes);  // who maps these addresses next may touch them
  unmap_block(arena, arena_bytes);
  arena = nullptr;
}

void connect(std::span<const std::unique_ptr<Shard>> shards) {
  std::vector<Shard*> all;
  for (const auto& shard : shards) all.push_back(shard.get());
  connect(all);
}

void connect(std::span<Shard* const> shards) {
  for (Shard* const from : shards) {
    for (unsigned to = 0; to < shards.size(); ++to) {
      Ring* const ring = shards[to]->inbound[index(from->parts.shard)];
      from->outbound[to] = ring;
      from->writers[to] = ring == nullptr ? nullptr : &ring->writer();
      if (ring != nullptr) from->published.push_back({ring, to});
    }
    from->parts.outbound = from->outbound;
    from->parts.writers = from->writers.data();
    from->parts.writer_count = static_cast<std::uint32_t>(from->writers.size());
    from->parts.published = from->published;
    from->peers.clear();
    for (Shard* const peer : shards) from->peers.push_back(&peer->parts);
    from->parts.peers = from->peers;
    for (unsigned to = 0; to < from->links.size(); ++to) {
      for (const InboundTable& channel : shards[to]->parts.role->inbound) {
        if (channel.from != from->parts.role_number) continue;
        from->links[to].watches = watches(*shards[to]->parts.role, channel);
      }
    }
  }
}

void start(Shard& shard, std::uint64_t now_ns, std::uint64_t wall_offset_ns,
           const BackendCalls& calls, void* backend) {
  ShardParts& parts = shard.parts;
  parts.now = Instant{now_ns};
  parts.tick = TickLength(static_cast<std::uint64_t>(parts.role->tick_ns));
  parts.wall_offset_ns = wall_offset_ns;
  std::size_t timers = 0;
  for (const TypeTable& type : parts.role->types) {
    timers += std::size_t{type.slots} * timers_per_slot(type);
  }
  shard.wheel =
      std::make_unique<Wheel>(std::span<TimerNode>(parts.timers, timers), parts.tick_of(now_ns));
  parts.wheel = shard.wheel.get();
  parts.reactor.start(parts, parts.role->blobs, &calls, backend);
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
  if (!shard.announces) return;
  shard.announces = false;
  for (unsigned peer = 0; peer < peers.size(); ++peer) {
    if (peer != index(shard.shard) && peers[peer]->sleep_flag.should_wake()) wake(waker, peer);
  }
}

bool may_sleep(const ShardParts& shard) { return inbound_empty(shard) && !peers_changed(shard); }

std::uint32_t advance_wheel(ShardParts& shard) {
  return shard.wheel->advance(
      shard.tick_of(shard.now.ns), Wheel::kWorkPerPass,
      [&shard](std::uint32_t timer) { on_timer(shard, timer); },
      [&shard](std::uint32_t timer, std::uint32_t later) { expect_timer(shard, timer, later); });
}

std::uint64_t next_deadline_ns(const ShardParts& shard) {
  const std::uint64_t tick = shard.wheel->next_expiry_bound();
  const std::uint64_t supervisor = shard.tree.deadline_ns();
  if (tick == Wheel::kNever) return supervisor;
  const std::uint64_t timer = tick * static_cast<std::uint64_t>(shard.role->tick_ns);
  return supervisor == 0 || timer < supervisor ? timer : supervisor;
}

std::uint64_t remote_sent(const ShardParts& shard) {
  std::uint64_t sent = 0;
  for (const auto& [ring, peer] : shard.published) sent += ring->sent();
  return sent;
}

std::uint64_t remote_lost(const ShardParts& shard) {
  std::uint64_t lost = 0;
  for (const auto& [ring, peer] : shard.published) lost += ring->shed();
  return lost;
}

bool books_balance(const ShardParts& shard) {
  for (unsigned i = 0; i < shard.type_count; ++i) {
    const TypeBlock& type = shard.types[i];
    if (!messages_add_up(type) || !calls_add_up(type.count)) return false;
  }
  const ShardCounters& count = shard.counters;
  return count.remote_taken ==
         count.remote_accepted + count.remote_shed + count.remote_rejected + count.remote_notes;
}

bool books_balance(std::span<const std::unique_ptr<Shard>> shards) {
  std::uint64_t sent = 0, taken = 0, unread = 0, lost = 0, shed = 0;
  for (const auto& shard : shards) {
    sent += remote_sent(shard->parts);
    taken += shard->parts.counters.remote_taken;
    shed += shard->parts.counters.remote_shed;
    lost += remote_lost(shard->parts);
    for (const auto& [ring, peer] : shard->parts.inbound) unread += ring->count_unread();
  }
  return sent == taken + unread && lost == shed;
}

void publish_counters(ShardParts& shard) {
  if (shard.page == nullptr) return;
  shard.counters.log_lost = shard.log.lost();
  shard.counters.reads_parked = shard.reactor.parked_total();
  shard.counters.connects_given_up = shard.reactor.connects_given_up();
  shard.counters.resolves_given_up = shard.reactor.resolves_given_up();
  shard.counters.buffers_free = shard.reactor.free_buffers();
  shard.counters.blocks_taken = shard.reactor.blocks().taken;
  shard.counters.blocks_returned = shard.reactor.blocks().returned;
  shard.counters.blobs_free = shard.reactor.blocks().free_blobs();
  shard.counters.blobs_exhausted = shard.reactor.blocks().exhausted;
  shard.counters.operations_in_flight = shard.reactor.in_flight();
  shard.counters.phase = static_cast<std::uint64_t>(shard.tree.phase());
  shard.counters.remote_sent = remote_sent(shard);
  shard.counters.remote_lost = remote_lost(shard);
  publish(*shard.page, shard, shard.counters);
}

}  // namespace tina::internal
