// SPDX-License-Identifier: Apache-2.0
// Accepts one client at a time. One that finds no place is closed: the runtime takes back what is
// left in the message. Shard's thread.
#pragma once

#include <utility>

#include "proxy.tina.h"

namespace tcp_proxy {

struct Listener : ListenerBase {
  InitResult on_init(ListenerInit&& init, Context&) {
    idle = init.idle;
    return ok(io(server.accept()));
  }
  Effect on_server_accepted(net::tcp_listener::Accepted&& accepted, Context& ctx) {
    const bool taken =
        accepted.ok() && ctx.spawn({.conn = std::move(accepted.stream), .idle_limit = idle}).ok();
    if (!taken) {
      ctx.log(tina::Level::kWarning, "client_refused", tina::Field{"errno", accepted.error});
    }
    return io(server.accept());
  }

  tina::Duration idle{};
};

}  // namespace tcp_proxy
