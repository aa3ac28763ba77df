// SPDX-License-Identifier: Apache-2.0
// See world.h. What must hold when a run has ended: everything that was taken is free again, and no
// message was lost without a count.
#include "sim/world.h"

namespace tina::sim {
namespace {

using internal::ShardParts;
using internal::TypeBlock;

/// Rounds of passes after the end, in which what is still queued for the dead is counted.
constexpr unsigned kSettleRounds = 1000;

std::string of_shard(unsigned shard) { return "shard " + std::to_string(shard) + ": "; }

}  // namespace

void World::settle() {
  for (unsigned round = 0; round < kSettleRounds; ++round) {
    std::uint32_t work = 0;
    bool busy = false;
    for (const auto& node : nodes_) {
      work += pass_once(*node);
      busy = busy || node->shard->parts.busy_types.any() ||
             !internal::inbound_empty(node->shard->parts);
    }
    if (work == 0 && !busy) return;
  }
  failed("the shards find work without end after they have ended");
}

void World::check_end() {
  if (network_.open_descriptors() != 0) {
    failed(std::to_string(network_.open_descriptors()) + " descriptors leaked");
  }
  if (network_.operations_in_flight() != 0) {
    failed(std::to_string(network_.operations_in_flight()) + " operations never completed");
  }
  for (const ShardParts* shard : parts_) {
    const unsigned number = index(shard->shard);
    if (shard->reactor.free_buffers() != shard->buffer_count) {
      failed(of_shard(number) +
             std::to_string(shard->buffer_count - shard->reactor.free_buffers()) +
             " receive buffers leaked");
    }
    if (shard->wheel->live_count() != 0) {
      failed(of_shard(number) + std::to_string(shard->wheel->live_count()) + " timers leaked");
    }
    for (unsigned i = 0; i < shard->type_count; ++i) check_type(number, shard->types[i]);
  }
}

void World::check_type(unsigned shard, const TypeBlock& type) {
  const std::string whose = of_shard(shard) + type.table->name + ": ";
  std::uint32_t retired = 0;
  std::uint64_t pending = 0;
  for (std::uint32_t slot = 0; slot < type.slots; ++slot) {
    retired += type.meta[slot].generation == 0 ? 1 : 0;
    pending += type.meta[slot].pending;
  }
  if (type.live != 0 || type.free_count + retired != type.slots) {
    failed(whose + std::to_string(type.slots - retired - type.free_count) + " slots leaked");
  }
  if (type.queued() != 0 || pending != 0) {
    failed(whose + std::to_string(type.queued()) + " messages are still queued");
  }
  const internal::TypeCounters& count = type.count;
  if (count.accepted != count.delivered + count.stale + type.queued()) {
    failed(whose + "messages are lost: accepted " + std::to_string(count.accepted) +
           ", delivered " + std::to_string(count.delivered) + ", stale " +
           std::to_string(count.stale));
  }
}

void World::sum_up() {
  outcome_.network = network_.counts();
  outcome_.virtual_ns = clock_.now_ns() - Clock::kStartNs;
  outcome_.verified = peers_.verified();
  outcome_.peers = peers_.size();
  outcome_.shards = shards_.size();
  for (const ShardParts* shard : parts_) {
    outcome_.restarts += shard->counters.restarts;
    for (unsigned i = 0; i < shard->type_count; ++i) {
      outcome_.delivered += shard->types[i].count.delivered;
    }
  }
  outcome_.trace_size = trace_.size();
  outcome_.trace_hash = trace_.hash();
}

}  // namespace tina::sim
