// SPDX-License-Identifier: Apache-2.0
// Handlers of fair.tina's Doomed.
#pragma once

#include "tina/list.h"

#include "counts.h"

namespace fair {

struct Doomed : DoomedBase {
  tina::List<std::uint32_t, 4> few{1, 2, 3};

  InitResult on_init(DoomedInit&&, Context&) { return ok(); }
  Effect on_go(const Go&, Context&) {
    counts.doomed_steps += few[few.size() + 40];
    return receive();
  }
  Effect on_step(const Step&, Context&) {
    ++counts.doomed_steps;
    return receive();
  }
};

}  // namespace fair
