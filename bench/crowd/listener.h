// SPDX-License-Identifier: Apache-2.0
// Accepts the crowd, one connection at a time. Shard's thread.
#pragma once

#include <utility>

#include "crowd.tina.h"

namespace crowd {

struct Listener : ListenerBase {
  InitResult on_init(ListenerInit&&, Context&) { return ok(io(server.accept())); }
  Effect on_server_accepted(net::tcp_listener::Accepted&& accepted, Context& ctx) {
    if (accepted.ok() && !ctx.spawn({.conn = std::move(accepted.stream)}).ok()) {
      ctx.log(tina::Level::kWarning, "connection_refused");
    }
    return io(server.accept());
  }
};

}  // namespace crowd
