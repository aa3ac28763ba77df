// SPDX-License-Identifier: Apache-2.0
// Starts the server and its clients, and hears of each client's end. Shard's thread.
#pragma once

#include "client_server.tina.h"

namespace client_server {

struct Teller : TellerBase {
  InitResult on_init(TellerInit&&, Context& ctx) {
    const auto server = ctx.spawn(ServerInit{});
    if (!server.ok()) return crash("no place for the server");
    for (std::uint32_t account = 0; account < CLIENTS; ++account) {
      const auto client = ctx.spawn(ClientInit{.server = server.ref, .account = account});
      if (!client.ok()) return crash("no place for a client");
      if (ctx.monitor(client.ref) != tina::MonitorResult::kWatching) return crash("cannot watch");
    }
    return ok();
  }
  Effect on_sys_down(const sys::Down& down, Context&) {
    ++over;
    wrong += down.why != sys::Why::kNormal;
    return receive();
  }

  std::uint32_t over = 0;
  std::uint32_t wrong = 0;
};

}  // namespace client_server
