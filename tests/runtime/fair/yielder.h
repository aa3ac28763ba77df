// SPDX-License-Identifier: Apache-2.0
// Handlers of fair.tina's Yielder.
#pragma once

#include "counts.h"

namespace fair {

struct Yielder : YielderBase {
  InitResult on_init(YielderInit&&, Context&) { return ok(); }
  Effect on_go(const Go&, Context&) { return yield(); }
  Effect on_step(const Step&, Context&) {
    ++counts.yielder_steps;
    return receive();
  }
  Effect on_sys_yielded(const sys::Yielded&, Context&) {
    spend();
    ++counts.yields;
    return yield();
  }
};

}  // namespace fair
