// SPDX-License-Identifier: Apache-2.0
// Accepts one client at a time. One that finds no place is closed.
#pragma once

#include <utility>

#include "names.tina.h"

namespace names {

struct Listener : ListenerBase {
  InitResult on_init(ListenerInit&&, Context&) { return ok(io(server.accept())); }
  Effect on_server_accepted(net::tcp_listener::Accepted&& accepted, Context& ctx) {
    if (accepted.ok()) {
      const auto spawned = ctx.spawn({.conn = std::move(accepted.stream)});
      refused += !spawned.ok();
    }
    return io(server.accept());
  }

  std::uint32_t refused = 0;
};

}  // namespace names
