// SPDX-License-Identifier: Apache-2.0
// Accepts one client at a time. One that finds no place is closed: the runtime takes back what is
// left in the message. Front shard's thread.
#pragma once

#include <utility>

#include "tasks.tina.h"

namespace tasks {

struct Listener : ListenerBase {
  InitResult on_init(ListenerInit&&, Context&) { return ok(io(server.accept())); }
  Effect on_server_accepted(net::tcp_listener::Accepted&& accepted, Context& ctx) {
    if (!accepted.ok() || !ctx.spawn({.conn = std::move(accepted.stream)}).ok()) {
      ctx.log(tina::Level::kWarning, "client_refused", tina::Field{"errno", accepted.error});
    }
    return io(server.accept());
  }
};

}  // namespace tasks
