// SPDX-License-Identifier: Apache-2.0
// Handlers of calls.tina's Keeper: starts the others on order.
#pragma once

#include "acts.h"

namespace calls {

struct Keeper : KeeperBase {
  InitResult on_init(KeeperInit&&, Context&) { return ok(); }
  Effect on_poke(const Poke& poke, Context& ctx) {
    bool spawned = true;
    if (poke.act == Act::SERVER) spawned = ctx.spawn(ServerInit{.id = poke.value}).ok();
    if (poke.act == Act::PLAIN) spawned = ctx.spawn(PlainInit{.id = poke.value}).ok();
    if (poke.act == Act::CLIENT) spawned = ctx.spawn(ClientInit{.id = poke.value}).ok();
    if (poke.act == Act::HOLDER) spawned = ctx.spawn(HolderInit{.server = last_server}).ok();
    see("keeper.spawned", spawned ? 1 : 0);
    return receive();
  }
};

}  // namespace calls
