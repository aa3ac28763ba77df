// SPDX-License-Identifier: Apache-2.0
// Handlers of tree.tina's Ant.
#pragma once

#include "node.h"

namespace tree {

inline std::uint64_t ants_started = 0;

struct Ant : AntBase {
  InitResult on_init(AntInit&&, Context&) {
    ++ants_started;
    return ok();
  }
  Effect on_order(const Order&, Context&) { return crash("told to crash"); }
};

}  // namespace tree
