// SPDX-License-Identifier: Apache-2.0
// Handlers of fair.tina's Neighbour.
#pragma once

#include "counts.h"

namespace fair {

struct Neighbour : NeighbourBase {
  InitResult on_init(NeighbourInit&&, Context&) { return ok(); }
  Effect on_go(const Go&, Context& ctx) { return again(ctx); }
  Effect on_sys_yielded(const sys::Yielded&, Context& ctx) { return again(ctx); }

 private:
  static Effect again(Context& ctx) {
    const tina::Ref<Clerk> clerk{tina::Handle::make(ctx.shard(), 0, 1)};
    ++(ctx.send(clerk, Step{}) == tina::SendResult::kQueued ? counts.queued : counts.full);
    return yield();
  }
};

}  // namespace fair
