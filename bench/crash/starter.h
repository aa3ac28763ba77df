// SPDX-License-Identifier: Apache-2.0
// The starter of the crash benchmark: its second turn comes when the tree stands. Shard's thread.
#pragma once

#include "crash.tina.h"

namespace crash_bench {

struct Starter : StarterBase {
  InitResult on_init(StarterInit&&, Context&) { return ok(yield()); }

  Effect on_sys_yielded(const sys::Yielded&, Context& ctx) {
    for (std::uint32_t i = 0; i < CRASHERS; ++i) {
      if (ctx.send(ctx.child<Root::crasher>(i), Hit{}) != tina::SendResult::kQueued) {
        return crash("hit refused");
      }
    }
    return done();
  }
};

}  // namespace crash_bench
