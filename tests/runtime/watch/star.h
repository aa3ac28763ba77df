// SPDX-License-Identifier: Apache-2.0
// Handlers of watch.tina's Star.
#pragma once

#include "watch.tina.h"

namespace watch {

struct Star : StarBase {
  InitResult on_init(StarInit&&, Context&) { return ok(); }
  Effect on_fall(const Fall&, Context&) { return crash("told to fall"); }
};

}  // namespace watch
