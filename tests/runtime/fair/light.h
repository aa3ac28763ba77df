// SPDX-License-Identifier: Apache-2.0
// Handlers of fair.tina's Light.
#pragma once

#include "counts.h"

namespace fair {

struct Light : LightBase {
  InitResult on_init(LightInit&& init, Context& ctx) {
    if (init.run) drop(ctx.send(ctx.self(), Step{}));
    return ok();
  }
  Effect on_step(const Step&, Context& ctx) {
    spend();
    count(counts.light[ctx.self().handle.slot()], ctx.now());
    drop(ctx.send(ctx.self(), Step{}));
    return receive();
  }
};

}  // namespace fair
