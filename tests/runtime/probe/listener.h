// SPDX-License-Identifier: Apache-2.0
// Handlers of probe.tina's Listener.
#pragma once

#include "acts.h"
#include "probe.tina.h"

namespace probe {

struct Listener : ListenerBase {
  InitResult on_init(ListenerInit&&, Context&) {
    see("listener.init", 0);
    return ok(io(server.accept()));
  }
  Effect on_server_accepted(net::tcp_listener::Accepted&& m, Context& ctx) {
    see("listener.accepted", m.peer.port);
    if (m.peer.port == 13) misbehave(Act::FAULT);
    if (m.peer.port != 14) {
      const auto spawned = ctx.spawn({.conn = std::move(m.stream)});
      see("listener.spawned", static_cast<std::uint64_t>(spawned.status));
    }
    return io(server.accept());
  }
};

}  // namespace probe
