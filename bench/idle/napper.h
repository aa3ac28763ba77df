// SPDX-License-Identifier: Apache-2.0
// An isolate of the idle benchmark whose state would end after 30 s. Shard's thread.
#pragma once

#include "idle.tina.h"

namespace idle {

struct Napper : NapperBase {
  InitResult on_init(NapperInit&&, Context&) { return ok(); }
  Then<Stay<Waiting>> on_poke(in<Waiting>, const Poke&, Context&) { return stay(); }
};

}  // namespace idle
