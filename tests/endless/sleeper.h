// SPDX-License-Identifier: Apache-2.0
// Has nothing to do. Shard's thread.
#pragma once

#include "endless.tina.h"

namespace endless {

struct Sleeper : SleeperBase {
  InitResult on_init(SleeperInit&&, Context&) { return ok(); }
  Effect on_note(const Note&, Context&) { return receive(); }
};

}  // namespace endless
