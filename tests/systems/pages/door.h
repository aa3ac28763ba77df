// SPDX-License-Identifier: Apache-2.0
// Handlers of pages.tina's Door.
#pragma once

#include "pages.tina.h"

namespace pages {

struct Door : DoorBase {
  tina::String<120> folder;

  InitResult on_init(DoorInit&& init, Context&) {
    folder = init.folder;
    return ok(io(server.accept()));
  }
  Effect on_server_accepted(net::tcp_listener::Accepted&& accepted, Context& ctx) {
    if (accepted.ok() && !ctx.spawn({.conn = std::move(accepted.stream), .folder = folder}).ok()) {
      ctx.log(tina::Level::kWarning, "visitor_refused");  // the runtime closes it
    }
    return io(server.accept());
  }
};

}  // namespace pages
