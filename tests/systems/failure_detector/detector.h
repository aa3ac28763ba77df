// SPDX-License-Identifier: Apache-2.0
// The detector: what it suspects comes from pings alone; what the monitors say is kept beside it,
// to compare. Shard's thread.
#pragma once

#include <array>

#include "failure_detector.tina.h"

namespace failure_detector {

struct Detector : DetectorBase {
  InitResult on_init(DetectorInit&&, Context& ctx) {
    for (std::uint32_t number = 0; number < NODES; ++number) {
      const auto spawned = ctx.spawn(NodeInit{.number = number});
      if (!spawned.ok()) return crash("no place for a node");
      nodes[number] = spawned.ref;
      if (ctx.monitor(spawned.ref) != tina::MonitorResult::kWatching) return crash("cannot watch");
    }
    return ok();
  }
  Effect on_round(const tina::Fired&, Context& ctx) {
    ++current;
    for (std::uint32_t number = 0; number < NODES; ++number) {
      if (current > heard[number] + kSilentMax) suspected[number] = true;
      refused += ctx.send(nodes[number], Ping{.round = current, .detector = ctx.self()}) !=
                 tina::SendResult::kQueued;
    }
    return receive();
  }
  Effect on_pong(const Pong& pong, Context&) {
    heard[pong.number] = pong.round;
    return receive();
  }
  Effect on_sys_down(const sys::Down& down, Context&) {
    for (std::uint32_t number = 0; number < NODES; ++number) {
      if (!down.is(nodes[number])) continue;
      dead[number] = true;
      died[number] = current;
    }
    return receive();
  }

  static constexpr std::uint32_t kSilentMax = 2;
  std::array<tina::Ref<Node>, NODES> nodes{};
  std::array<std::uint32_t, NODES> heard{};
  std::array<std::uint32_t, NODES> died{};
  std::array<bool, NODES> suspected{};
  std::array<bool, NODES> dead{};
  std::uint32_t current = 0;
  std::uint32_t refused = 0;
};

}  // namespace failure_detector
