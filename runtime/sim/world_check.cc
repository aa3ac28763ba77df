// SPDX-License-Identifier: Apache-2.0
// See world.h. What must hold when a run has ended: everything that was taken is free again, and no
// message was lost without a count.
#include "sim/world.h"
#include "src/isolate_blocks.h"
#include "src/mailbox.h"

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
  if (options_.quiescent) failed("the shards find work without end after they have ended");
}

/// A property is looked at between passes: no handler runs, so every state is whole.
void World::check_properties() {
  const View view(cores_, Instant{clock_.now_ns()}, Instant{Clock::kStartNs});
  for (std::size_t i = 0; i < options_.properties.size() && !fatal_; ++i) {
    const internal::PropertyTable& property = options_.properties[i];
    const bool holds = property.holds(view);
    if (holds) outcome_.held[i] = true;
    if (property.quantifier == internal::Quantifier::kAlways && !holds) {
      failed(std::string("property ") + property.name + " does not hold after " +
             std::to_string(view.elapsed().count()) + " ns");
    } else if (property.quantifier == internal::Quantifier::kEventually && !outcome_.held[i] &&
               view.elapsed().count() > property.within_ns) {
      failed(std::string("property ") + property.name + " has not held within " +
             std::to_string(property.within_ns) + " ns");
    }
  }
}

void World::check_end() {
  for (std::size_t i = 0; i < options_.properties.size(); ++i) {
    const internal::PropertyTable& property = options_.properties[i];
    if (property.quantifier == internal::Quantifier::kEventually && !outcome_.held[i]) {
      failed(std::string("property ") + property.name + " never held until the run ended");
    }
  }
  check_leaks();
  for (const ShardParts* shard : parts_) {
    for (unsigned i = 0; i < shard->type_count; ++i) {
      check_type(index(shard->shard), shard->types[i]);
    }
  }
}

void World::check_leaks() {
  if (!options_.no_leak) return;
  const std::uint64_t open =
      network_.open_descriptors() + (files_ ? files_->open_descriptors() : 0);
  if (open != 0) failed(std::to_string(open) + " descriptors leaked");
  const std::uint64_t under_way =
      network_.operations_in_flight() + (files_ ? files_->operations_in_flight() : 0);
  if (under_way != 0) failed(std::to_string(under_way) + " operations never completed");
  check_rings();
  for (const ShardParts* shard : parts_) {
    const unsigned number = index(shard->shard);
    if (!internal::blocks_add_up(*shard)) {
      failed(of_shard(number) + "a buffer or blob is not where its record says");
    }
    const internal::Blocks& blocks = shard->reactor.blocks();
    if (const std::uint64_t lost = blocks.taken - blocks.returned; lost != 0) {
      failed(of_shard(number) + std::to_string(lost) + " buffers and blobs leaked");
    }
    if (shard->wheel->live_count() != 0) {
      failed(of_shard(number) + std::to_string(shard->wheel->live_count()) + " timers leaked");
    }
    for (const internal::PeerLink& link : shard->links) {
      if (link.promised == 0) continue;
      failed(of_shard(number) + std::to_string(link.promised) + " answers never came");
    }
  }
}

/// What was put into rings has been taken out of them.
void World::check_rings() {
  std::uint64_t sent = 0;
  std::uint64_t taken = 0;
  for (const ShardParts* shard : parts_) {
    sent += internal::remote_sent(*shard);
    taken += shard->counters.remote_taken;
  }
  if (sent != taken) {
    failed(std::to_string(sent) + " messages were sent to other shards and " +
           std::to_string(taken) + " were taken");
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
  if (options_.no_leak && (type.live != 0 || type.free_count + retired != type.slots)) {
    failed(whose + std::to_string(type.slots - retired - type.free_count) + " slots leaked");
  }
  if (options_.quiescent && (type.queued() != 0 || pending != 0)) {
    failed(whose + std::to_string(type.queued()) + " messages are still queued");
  }
  const internal::TypeCounters& count = type.count;
  if (!internal::messages_add_up(type)) {
    failed(whose + "messages are lost: accepted " + std::to_string(count.accepted) +
           ", delivered " + std::to_string(count.delivered) + ", stale " +
           std::to_string(count.stale));
  }
  if (!internal::calls_add_up(count) || (options_.quiescent && count.outstanding != 0)) {
    failed(whose + "calls have no end: started " + std::to_string(count.calls) + ", outstanding " +
           std::to_string(count.outstanding));
  }
}

void World::sum_up() {
  outcome_.network = network_.counts();
  if (files_) outcome_.disk = files_->counts();
  if (const NameService* const names = network_.names()) {
    outcome_.network.resolves = names->resolves();
    outcome_.network.resolve_errors = names->errors();
  }
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
