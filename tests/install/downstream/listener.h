// SPDX-License-Identifier: Apache-2.0
// The isolate that accepts: one accept is outstanding at every moment. Runs on its shard's thread.
#pragma once

#include <utility>

#include "echo.tina.h"

namespace echo {

struct Listener : ListenerBase {
  InitResult on_init(ListenerInit&&, Context&) { return ok(io(server.accept())); }

  Effect on_server_accepted(net::tcp_listener::Accepted&& accepted, Context& ctx) {
    // A refused spawn leaves the stream where it is: the runtime closes it after this call.
    if (accepted.ok() && !ctx.spawn({.conn = std::move(accepted.stream)}).ok()) {
      ctx.log(tina::Level::kWarning, "connection_refused");
    }
    return io(server.accept());
  }
};

}  // namespace echo
