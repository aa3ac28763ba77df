// SPDX-License-Identifier: Apache-2.0
// Handlers of tree.tina's Guest.
#pragma once

#include "node.h"

namespace tree {

struct Guest : GuestBase {
  InitResult on_init(GuestInit&& init, Context&) {
    tell("init", init.number);
    return ok();
  }
  Then<Stay<Up>, Gone> on_sys_shutdown(in<Up>, const sys::Shutdown&, Context&) {
    tell("stop", 50);
    if (plan_of(at_stop, 50) == Does::kStay) return stay();
    return to<Gone>();
  }
};

}  // namespace tree
