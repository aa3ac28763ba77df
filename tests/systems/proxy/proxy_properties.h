// SPDX-License-Identifier: Apache-2.0
// What must hold of the proxy, or be seen in it.
#pragma once

#include "exchange.h"
#include "relay.h"
#include "tina/sim.h"

namespace proxy {

/// Every exchange that has ended was whole, in both directions.
inline bool nothing_is_broken(const tina::sim::View&) { return broken == 0; }
inline bool something_is_broken(const tina::sim::View&) { return broken > 0; }

inline bool a_client_ends_first(const tina::sim::View& world) {
  bool seen = false;
  world.each<Relay>(
      [&](const Relay& one) { seen = seen || (one.client_ended && !one.upstream_ended); });
  return seen;
}
inline bool an_upstream_ends_first(const tina::sim::View& world) {
  bool seen = false;
  world.each<Relay>(
      [&](const Relay& one) { seen = seen || (one.upstream_ended && !one.client_ended); });
  return seen;
}

}  // namespace proxy
