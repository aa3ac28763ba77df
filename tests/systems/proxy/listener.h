// SPDX-License-Identifier: Apache-2.0
// Accepts one client at a time. One that finds no place is closed.
#pragma once

#include <utility>

#include "proxy.tina.h"

namespace proxy {

struct Listener : ListenerBase {
  InitResult on_init(ListenerInit&& init, Context&) {
    upstream = init.upstream;
    return ok(io(server.accept()));
  }
  Effect on_server_accepted(net::tcp_listener::Accepted&& accepted, Context& ctx) {
    if (accepted.ok()) {
      const auto spawned = ctx.spawn({.conn = std::move(accepted.stream), .to = upstream});
      refused += !spawned.ok();
    }
    return io(server.accept());
  }

  net::Address upstream;
  std::uint32_t refused = 0;
};

}  // namespace proxy
