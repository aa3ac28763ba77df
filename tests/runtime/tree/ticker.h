// SPDX-License-Identifier: Apache-2.0
// Handlers of tree.tina's Ticker.
#pragma once

#include "tree.tina.h"

namespace tree {

struct Ticker : TickerBase {
  InitResult on_init(TickerInit&&, Context&) { return ok(); }
  Effect on_beat(const tina::Fired&, Context&) { return receive(); }
};

}  // namespace tree
