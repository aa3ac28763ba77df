// SPDX-License-Identifier: Apache-2.0
// Has no handlers: its specification says all that it does. Its shard's thread.
#pragma once

#include "tasks.tina.h"

namespace tasks {

struct Gate : GateBase {
  InitResult on_init(GateInit&&, Context&) { return ok(); }
};

}  // namespace tasks
