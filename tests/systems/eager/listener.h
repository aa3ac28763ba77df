// SPDX-License-Identifier: Apache-2.0
// Accepts one caller at a time. One that finds no room is closed.
#pragma once

#include <utility>

#include "eager.tina.h"

namespace eager {

struct Listener : ListenerBase {
  InitResult on_init(ListenerInit&&, Context&) { return ok(io(server.accept())); }

  Effect on_server_accepted(net::tcp_listener::Accepted&& accepted, Context& ctx) {
    if (accepted.ok()) refused += !ctx.spawn({.conn = std::move(accepted.stream)}).ok();
    return io(server.accept());
  }

  std::uint32_t refused = 0;
};

}  // namespace eager
