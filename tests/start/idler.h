// SPDX-License-Identifier: Apache-2.0
// Handlers of start.tina's Idler.
#pragma once

#include "start.tina.h"

namespace start {

struct Idler : IdlerBase {
  InitResult on_init(IdlerInit&&, Context&) { return ok(); }
  Effect on_sys_shutdown(const sys::Shutdown&, Context&) { return done(); }
};

}  // namespace start
