// SPDX-License-Identifier: Apache-2.0
// The isolate that accepts connections. Holds nothing, so its restart loses nothing; connections
// that wait in the kernel's queue are accepted by the next incarnation. One per shard, on its
// thread.
#pragma once

#include "echo.tina.h"

namespace echo {

struct Listener : ListenerBase {
  InitResult on_init(ListenerInit&&, Context&);
  Effect on_server_accepted(net::tcp_listener::Accepted&&, Context&);
};

}  // namespace echo
