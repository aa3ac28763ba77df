// SPDX-License-Identifier: Apache-2.0
// An isolate of the idle benchmark that waits for what never comes. Shard's thread.
#pragma once

#include "idle.tina.h"

namespace idle {

struct Waiter : WaiterBase {
  InitResult on_init(WaiterInit&&, Context&) { return ok(); }
  Effect on_poke(const Poke&, Context&) { return receive(); }
};

}  // namespace idle
