// SPDX-License-Identifier: Apache-2.0
// What must hold of the proxy at every moment, or be seen at some.
#pragma once

#include <algorithm>
#include <numeric>

#include "balancer.h"
#include "exchange.h"
#include "relay.h"
#include "tina/sim.h"

namespace tcp_proxy {

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

inline bool counts_close(const tina::sim::View& world) {
  bool close = true;
  world.each<Balancer>([&](const Balancer& one) {
    std::array<std::uint32_t, UPSTREAMS_MAX> clients{};
    one.of_relay.for_each([&](tina::Handle, std::uint8_t index) {
      if (index < clients.size()) ++clients[index];
    });
    for (std::uint32_t index = 0; index < UPSTREAMS_MAX; ++index) {
      close = close && clients[index] == one.upstreams[index].clients;
    }
  });
  return close;
}

inline bool an_upstream_is_down(const tina::sim::View& world) {
  bool seen = false;
  world.each<Balancer>([&](const Balancer& one) {
    seen = seen || !std::ranges::all_of(one.upstreams, &Balancer::Upstream::up);
  });
  return seen;
}

/// Also the one that had failed before.
inline bool all_are_up(const tina::sim::View& world) {
  bool seen = false;
  world.each<Balancer>([&](const Balancer& one) {
    const bool all = std::ranges::all_of(one.upstreams, &Balancer::Upstream::up);
    seen = seen || (all && one.upstreams[one.list.count - 1].failed > 0);
  });
  return seen;
}

}  // namespace tcp_proxy
