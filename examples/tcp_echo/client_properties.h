// SPDX-License-Identifier: Apache-2.0
// What must hold of the clients at every moment, or be seen at some.
#pragma once

#include "client.h"
#include "tally.h"
#include "tina/sim.h"

namespace echo_client {

inline bool nothing_is_changed(const tina::sim::View& world) {
  return world.crashed<Client>() == 0;
}

inline bool one_backs_off(const tina::sim::View& world) {
  bool seen = false;
  world.each<Client>([&](const Client& one) { seen = seen || one.in_a_row > 1; });
  return seen;
}

inline bool all_report(const tina::sim::View& world) {
  bool seen = false;
  world.each<Tally>([&](const Tally& one) {
    seen = seen || (one.reports + 1 == one.wanted && one.sum.bytes > 0);
  });
  return seen;
}

}  // namespace echo_client
