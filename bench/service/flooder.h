// SPDX-License-Identifier: Apache-2.0
// The flooder of the service benchmark: never stops, and takes every place that it can get. Shard's
// thread.
#pragma once

#include "service.tina.h"

namespace service {

struct Flooder : FlooderBase {
  tina::Ref<Session> session;
  tina::Ref<Hall> hall;
  std::uint64_t sent = 0;
  std::uint32_t rounds = 0;
  bool shared = false;

  InitResult on_init(FlooderInit&& init, Context&) {
    session = init.session;
    hall = init.hall;
    shared = init.shared;
    rounds = init.rounds;
    return ok(yield());
  }
  Effect on_sys_yielded(const sys::Yielded&, Context& ctx) {
    while (send(ctx) == tina::SendResult::kQueued) ++sent;
    return yield();
  }

 private:
  tina::SendResult send(Context& ctx) {
    const Work::Drop drop{.rounds = rounds, .seed = sent};
    return shared ? ctx.send(hall, drop) : ctx.send(session, drop);
  }
};

}  // namespace service
