#pragma once

#include "spec.tina.h"

namespace p {

struct Lamp : LampBase {
  InitResult on_init(LampInit&&, Context&) { return ok(); }
  Then<On> on_press(in<Off>, const Press&, Context&) { return to<Broken>(); }
};

}  // namespace p
