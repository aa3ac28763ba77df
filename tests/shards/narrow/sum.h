// SPDX-License-Identifier: Apache-2.0
// Handlers of narrow.tina's Sum.
#pragma once

#include "narrow.tina.h"

namespace narrow {

struct Sum : SumBase {
  std::uint32_t sum = 0;

  InitResult on_init(SumInit&&, Context&) { return ok(); }
  Answer<Count::Add> on_count_add(const Count::Add& add, Context&) {
    sum += add.count;
    return reply(Count::Add::Result{.sum = sum});
  }
};

}  // namespace narrow
