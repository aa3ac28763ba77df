// SPDX-License-Identifier: Apache-2.0
// Handlers of start.tina's Porter.
#pragma once

#include "start.tina.h"

namespace start {

struct Porter : PorterBase {
  InitResult on_init(PorterInit&&, Context&) { return ok(); }
  Effect on_parcel(Parcel&&, Context&) { return receive(); }
  Effect on_sys_shutdown(const sys::Shutdown&, Context&) { return done(); }
};

}  // namespace start
