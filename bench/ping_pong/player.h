// SPDX-License-Identifier: Apache-2.0
// A player of the ping-pong benchmark. Both check that no ball is lost, doubled or reordered: each
// sees every second number. Handlers are inline, so the batch loop holds them. Shard's thread.
#pragma once

#include "ping_pong.tina.h"
#include "stopwatch.h"

namespace ping_pong {

struct Player : PlayerBase {
  std::uint64_t expected = 1;
  std::uint64_t begin_at = 0;  ///< number of the ball that starts the time
  std::uint64_t end_at = 0;    ///< number of the ball that ends it; 0: somebody else keeps it
  tina::Instant begin;

  InitResult on_init(PlayerInit&& init, Context& ctx) {
    if (init.limit == 0) {
      expected = 0;
      return ok();
    }
    begin_at = init.limit / 10 | 1;
    end_at = begin_at + (init.limit | 1) - 1;
    const auto second = ctx.spawn({.limit = 0});
    if (!second.ok()) return crash("no second player");
    if (!play(second.ref, 0, ctx)) return crash("serve refused");
    return ok();
  }

  Effect on_ball(const Ball& ball, Context& ctx) {
    if (ball.sequence != expected) return crash("ball out of sequence");
    expected += 2;
    if (ball.sequence == begin_at) [[unlikely]]
      begin = ctx.now();
    if (ball.sequence == end_at && end_at != 0) [[unlikely]] {
      bench::report(ctx, "ping_pong", end_at - begin_at, begin);
      return done();
    }
    if (!play(ball.from, ball.sequence + 1, ctx)) return crash("ball refused");
    return receive();
  }

 private:
  static bool play(tina::Ref<Player> to, std::uint64_t sequence, Context& ctx) {
    return ctx.send(to, {.sequence = sequence, .from = ctx.self()}) == tina::SendResult::kQueued;
  }
};

}  // namespace ping_pong
