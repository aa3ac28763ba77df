// SPDX-License-Identifier: Apache-2.0
// What happens on the way of a connection.
#pragma once

#include "desk.h"
#include "operator.h"
#include "tina/sim.h"

namespace switchboard {

inline bool every_shard_serves(const tina::sim::View& world) {
  std::uint32_t serving = 0;
  world.each<Desk>([&](const Desk& desk) { serving += desk.taken > 0 ? 1 : 0; });
  return serving == SHARDS;
}
inline bool a_desk_was_full(const tina::sim::View& world) {
  bool full = false;
  world.each<Operator>([&](const Operator& each) { full = full || each.desk_full > 0; });
  return full;
}

/// More are missing than can be on their way, and no crash has made them uncounted.
inline bool a_connection_was_dropped(const tina::sim::View& world) {
  if (world.crashed<Desk>() + world.crashed<Operator>() > 0) return false;
  std::uint32_t sent = 0;
  std::uint32_t taken = 0;
  world.each<Operator>([&](const Operator& each) { sent += each.number - each.kept; });
  world.each<Desk>([&](const Desk& desk) { taken += desk.taken; });
  return sent > taken + SHARDS * 8;
}

}  // namespace switchboard
