// SPDX-License-Identifier: Apache-2.0
// Handlers of fair.tina's Insistent.
#pragma once

#include "counts.h"

namespace fair {

struct Insistent : InsistentBase {
  InitResult on_init(InsistentInit&&, Context&) { return ok(); }
  Then<Stay<Machine>> on_step(in<Machine>, const Step&, Context& ctx) {
    ++counts.insistent_steps[ctx.self().handle.slot()];
    return stay();
  }
  Then<Asking> on_go(in<Machine>, const Go&, Context&) {
    return to<Asking>(call(desk.ask(tina::Ref<Clerk>{})));
  }
  Then<Stay<Asking>> on_desk_ask_failed(in<Asking>, const tina::Failed<Desk::Ask>&, Context& ctx) {
    spend();
    ++counts.insisted[ctx.self().handle.slot()];
    return stay(call(desk.ask(tina::Ref<Clerk>{})));
  }
};

}  // namespace fair
