// SPDX-License-Identifier: Apache-2.0
// Handlers of fair.tina's Heavy.
#pragma once

#include "counts.h"

namespace fair {

struct Heavy : HeavyBase {
  InitResult on_init(HeavyInit&& init, Context& ctx) {
    if (init.run) drop(ctx.send(ctx.self(), Step{}));
    return ok();
  }
  Effect on_step(const Step&, Context& ctx) {
    spend();
    count(counts.heavy[ctx.self().handle.slot()], ctx.now());
    drop(ctx.send(ctx.self(), Step{}));
    return receive();
  }
};

}  // namespace fair
