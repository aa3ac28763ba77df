// SPDX-License-Identifier: Apache-2.0
// Handlers of blocks.tina's Listener.
#pragma once

#include "acts.h"
#include "blocks.tina.h"

namespace blocks {

struct Listener : ListenerBase {
  InitResult on_init(ListenerInit&&, Context&) { return ok(io(server.accept())); }
  Effect on_server_accepted(net::tcp_listener::Accepted&& m, Context& ctx) {
    const auto spawned = ctx.spawn({.conn = std::move(m.stream)});
    see("listener.spawned", static_cast<std::uint64_t>(spawned.status));
    return io(server.accept());
  }
};

}  // namespace blocks
