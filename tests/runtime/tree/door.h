// SPDX-License-Identifier: Apache-2.0
// Handlers of tree.tina's Door.
#pragma once

#include "node.h"

namespace tree {

struct Door : DoorBase {
  InitResult on_init(DoorInit&&, Context&) {
    tell("init", 60);
    return ok(io(server.accept()));
  }
  Effect on_order(const Order&, Context&) { return crash("told to crash"); }
  Effect on_server_accepted(net::tcp_listener::Accepted&&, Context&) { return io(server.accept()); }
};

}  // namespace tree
