// SPDX-License-Identifier: Apache-2.0
// What must hold of keys, partitions and clients in every pass, and what some run must show.
#pragma once

#include "client.h"
#include "partition.h"
#include "sweeper.h"
#include "tina/sim.h"

namespace kv_store {

inline bool reads_what_was_acknowledged(const tina::sim::View& world) {
  bool holds = true;
  world.each<Client>([&](const Client& client) { holds = holds && client.totals.wrong == 0; });
  return holds;
}
inline bool each_key_in_one_partition(const tina::sim::View& world) {
  bool holds = true;
  world.each<Partition>([&](const Partition& one) {
    world.each<Partition>([&](const Partition& other) {
      if (&one == &other) return;
      one.entries.for_each([&](const Key& key, const Partition::Held&) {
        holds = holds && !other.entries.contains(key);
      });
    });
  });
  return holds;
}
/// Two partitions on each shard of their role, at most.
inline bool keeps_to_its_room(const tina::sim::View& world) {
  return world.live<Partition>() <= PARTITIONS * (world.shards() - 1);
}

/// Whether some client counts something.
inline bool some(const tina::sim::View& world, std::uint32_t Client::Totals::* count) {
  bool holds = false;
  world.each<Client>([&](const Client& client) { holds = holds || client.totals.*count > 0; });
  return holds;
}
inline bool reads_across_a_restart(const tina::sim::View& world) {
  return some(world, &Client::Totals::lost);
}
inline bool is_told_to_come_again(const tina::sim::View& world) {
  return some(world, &Client::Totals::refused);
}
inline bool gives_up_waiting(const tina::sim::View& world) {
  return some(world, &Client::Totals::late);
}
inline bool runs_out_of_room(const tina::sim::View& world) {
  return some(world, &Client::Totals::no_room);
}
inline bool everything_is_swept(const tina::sim::View& world) {
  bool holds = false;
  world.each<Sweeper>([&](const Sweeper& sweeper) { holds = holds || sweeper.whole > 2; });
  return holds;
}

}  // namespace kv_store
