// SPDX-License-Identifier: Apache-2.0
// Goes on. Shard's thread.
#pragma once

#include "endless.tina.h"

namespace endless {

struct Witness : WitnessBase {
  InitResult on_init(WitnessInit&&, Context&) { return ok(); }
  Effect on_beat(const tina::Fired&, Context&) { return receive(); }
};

}  // namespace endless
