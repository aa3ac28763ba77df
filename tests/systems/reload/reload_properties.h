// SPDX-License-Identifier: Apache-2.0
// What must hold of those who hear of signals.
#pragma once

#include "settings.h"
#include "signaller.h"
#include "tina/sim.h"

namespace reload {

inline bool nothing_is_heard_twice(const tina::sim::View& world) {
  bool holds = true;
  world.each<Settings>([&](const Settings& one) {
    for (std::size_t i = 0; i < sent.size(); ++i) holds = holds && one.heard[i] <= sent[i];
  });
  return holds;
}
inline bool all_is_heard(const tina::sim::View& world) {
  bool holds = all_sent && world.live<Settings>() == world.shards();
  world.each<Settings>([&](const Settings& one) { holds = holds && one.heard == sent; });
  return holds;
}
inline bool much_is_heard(const tina::sim::View& world) {
  bool holds = false;
  world.each<Settings>([&](const Settings& one) {
    holds = holds || one.heard[0] + one.heard[1] + one.heard[2] + one.heard[3] >= 5;
  });
  return holds;
}

}  // namespace reload
