// SPDX-License-Identifier: Apache-2.0
// Handlers of probe.tina's Keeper.
#pragma once

#include "acts.h"
#include "probe.tina.h"

namespace probe {

inline tina::Ref<Worker> last_spawned;
inline tina::Ref<Waiter> last_waiter;
inline std::vector<tina::SpawnStatus> spawn_results;

struct Keeper : KeeperBase {
  InitResult on_init(KeeperInit&& init, Context&) {
    see("keeper.init", 0);
    if (init.first == Act::CRASH) return crash("told to crash in init");
    misbehave(init.first);
    return ok();
  }
  Effect on_order(const Order& order, Context& ctx) {
    see("keeper.order", order.value);
    if (order.act == Act::SPAWN) {
      const auto spawned = ctx.spawn(WorkerInit{.id = static_cast<std::uint32_t>(order.value)});
      spawn_results.push_back(spawned.status);
      if (spawned.ok()) last_spawned = spawned.ref;
    }
    if (order.act == Act::WAIT) {
      const auto spawned = ctx.spawn(WaiterInit{.id = static_cast<std::uint32_t>(order.value)});
      if (spawned.ok()) last_waiter = spawned.ref;
    }
    if (order.act == Act::FLOOD) {
      for (std::uint64_t i = 0; i < order.value; ++i) {
        send_results.push_back(ctx.send(last_spawned, Order{.value = i}));
      }
    }
    if (order.act == Act::CRASH) return crash("told to crash");
    if (order.act == Act::END) return done();
    misbehave(order.act);
    return receive();
  }
};

}  // namespace probe
