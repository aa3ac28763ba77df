// SPDX-License-Identifier: Apache-2.0
// Handlers of start.tina's Door: it stands open, and nobody comes.
#pragma once

#include "start.tina.h"

namespace start {

struct Door : DoorBase {
  InitResult on_init(DoorInit&&, Context&) { return ok(io(server.accept())); }
  Effect on_server_accepted(net::tcp_listener::Accepted&&, Context&) { return receive(); }
  Effect on_sys_shutdown(const sys::Shutdown&, Context&) { return done(); }
};

}  // namespace start
