// SPDX-License-Identifier: Apache-2.0
// Handlers of restarts.tina's Server: on shard 1 it writes through a null pointer after a while.
#pragma once

#include "restarts.tina.h"

namespace restarts {

struct Server : ServerBase {
  InitResult on_init(ServerInit&& init, Context& ctx) {
    if (init.shard == 1) ctx.fault.arm(tina::Duration{50'000'000});
    return ok();
  }
  Answer<Echo::Say> on_echo_say(const Echo::Say& say, Context&) {
    return reply(Echo::Say::Result{.number = say.number});
  }
  Effect on_fault(const tina::Fired&, Context&) {
    volatile int* volatile nowhere = nullptr;
    *nowhere = 1;
    return receive();
  }
};

}  // namespace restarts
