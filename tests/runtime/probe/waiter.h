// SPDX-License-Identifier: Apache-2.0
// Handlers of probe.tina's Waiter.
#pragma once

#include "acts.h"
#include "probe.tina.h"

namespace probe {

struct Waiter : WaiterBase {
  std::uint32_t id = 0;

  InitResult on_init(WaiterInit&& init, Context&) {
    id = init.id;
    return ok();
  }
  Then<Open> on_note(in<Closed>, const Note& note, Context&) {
    see("waiter.opened", note.value);
    return to<Open>();
  }
  Then<Stay<Open>, Closed, Gone> on_order(in<Open>, const Order& order, Context&) {
    see("waiter.order", order.value);
    if (order.act == Act::END) return to<Gone>();
    if (order.act == Act::CRASH) return crash("told to crash");
    if (order.act == Act::WAIT) return to<Closed>();
    return stay();
  }
};

}  // namespace probe
