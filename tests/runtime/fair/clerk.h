// SPDX-License-Identifier: Apache-2.0
// Handlers of fair.tina's Clerk.
#pragma once

#include "counts.h"

namespace fair {

struct Clerk : ClerkBase {
  bool floods = false;

  InitResult on_init(ClerkInit&&, Context&) {
    ++counts.inits;
    return ok();
  }
  /// Sets its bell; the first time it also watches the next one and begins to flood itself.
  Then<Stay<Open>> on_go(in<Open>, const Go&, Context& ctx) {
    ctx.bell.arm(tina::Duration(5'000'000));
    if (floods) return stay();
    floods = true;
    const tina::Ref<Clerk> next{tina::Handle::make(ctx.shard(), ctx.self().handle.slot() + 1, 1)};
    if (ctx.monitor(next) != tina::MonitorResult::kWatching) return crash("no place to watch from");
    drop(ctx.send(ctx.self(), Step{}));
    return stay();
  }
  Then<Stay<Open>> on_step(in<Open>, const Step&, Context& ctx) {
    spend();
    ++counts.clerk_steps[ctx.self().handle.slot()];
    if (floods) drop(ctx.send(ctx.self(), Step{}));
    return stay();
  }
  Answer<Desk::Ask, Stay<Open>> on_desk_ask(in<Open>, const Desk::Ask&, Context&) {
    return stay(reply(Desk::Ask::Result{}));
  }
  Then<Stay<Open>> on_bell(in<Open>, const tina::Fired&, Context& ctx) {
    counts.steps_at_bell = counts.clerk_steps[ctx.self().handle.slot()];
    ++counts.bells;
    return stay();
  }
  Then<Stay<Open>> on_sys_down(in<Open>, const sys::Down&, Context&) {
    ++counts.downs;
    return stay();
  }
  Then<Stay<Open>> on_sys_yielded(in<Open>, const sys::Yielded&, Context&) { return stay(); }
};

}  // namespace fair
