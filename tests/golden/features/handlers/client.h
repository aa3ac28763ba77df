#pragma once
#include "features.tina.h"

namespace features {

struct Client : ClientBase {
  InitResult on_init(ClientInit&&, Context&) { return ok(io(door.accept())); }
  Effect on_door_accepted(net::tcp_listener::Accepted&&, Context&) { return done(); }
  Effect on_done(const Done&, Context& ctx) {
    const auto worker = ctx.spawn({.client = ctx.self()});
    if (ctx.send(worker.ref, Poke{}) != tina::SendResult::kQueued) return crash("poke");
    if (ctx.send(worker.ref, Job{.id = 3}) != tina::SendResult::kQueued) return crash("job");
    return receive();
  }
  Effect on_sys_shutdown(const sys::Shutdown&, Context&) { return done(); }
};

}  // namespace features
