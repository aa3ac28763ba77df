// SPDX-License-Identifier: Apache-2.0
// Handlers of restarts.tina's Caller: calls the server of the other shard, and says what it hears.
#pragma once

#include "restarts.tina.h"

namespace restarts {

struct Caller : CallerBase {
  std::uint64_t waiting = 0;

  InitResult on_init(CallerInit&&, Context&) { return ok(); }
  Effect on_beat(const tina::Fired&, Context& ctx) {
    if (waiting == 4) return receive();
    ++waiting;
    const tina::ShardId other{static_cast<std::uint16_t>(tina::index(ctx.shard()) ^ 1)};
    return call(echo.say(ctx.child<Root::server>(other), waiting));
  }
  Effect on_echo_say_reply(const tina::Reply<Echo::Say>&, Context&) {
    --waiting;
    return receive();
  }
  Effect on_echo_say_failed(const tina::Failed<Echo::Say>&, Context&) {
    --waiting;
    return receive();
  }
  Effect on_sys_shard_restarted(const sys::ShardRestarted& news, Context& ctx) {
    ctx.log(tina::Level::kInfo, "heard_restart", tina::Field{"restarts", news.restarts});
    return receive();
  }
  Effect on_sys_shard_quarantined(const sys::ShardQuarantined& news, Context& ctx) {
    ctx.log(tina::Level::kInfo, "heard_quarantine", tina::Field{"of", tina::index(news.shard)});
    return receive();
  }
};

}  // namespace restarts
