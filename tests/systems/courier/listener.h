// SPDX-License-Identifier: Apache-2.0
// Handlers of courier.tina's Listener: each connection gets an isolate of its own.
#pragma once

#include "courier.tina.h"

namespace courier {

struct Listener : ListenerBase {
  InitResult on_init(ListenerInit&&, Context&) { return ok(io(server.accept())); }
  Effect on_server_accepted(net::tcp_listener::Accepted&& accepted, Context& ctx) {
    // A refused spawn leaves the stream where it is: the runtime closes it.
    if (accepted.ok() && !ctx.spawn({.conn = std::move(accepted.stream)}).ok()) {
      ctx.log(tina::Level::kWarning, "connection_refused");
    }
    return io(server.accept());
  }
};

}  // namespace courier
