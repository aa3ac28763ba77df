// SPDX-License-Identifier: Apache-2.0
// A client of the service benchmark. A call is due at a fixed time, and its latency counts from
// there, however late its timer was: a shard that is slow does not measure itself less often. While
// four calls are out, further ones are shed here. Shard's thread.
#pragma once

#include <chrono>

#include "reading.h"
#include "service.tina.h"
#include "session.h"

namespace service {

struct Client : ClientBase {
  static constexpr std::uint64_t kMs = 1'000'000;
  static constexpr std::uint32_t kOutMax = 4;

  tina::Ref<Session> session;
  tina::Ref<Hall> hall;
  tina::Ref<Judge> judge;
  std::uint64_t due_ns = 0;
  std::uint64_t period_ns = 0;
  Tally tally{};
  std::uint32_t rounds = 0;
  std::uint32_t out = 0;
  bool measured = false;
  bool shared = false;

  InitResult on_init(ClientInit&& init, Context& ctx) {
    session = init.session;
    hall = init.hall;
    shared = init.shared;
    judge = init.judge;
    rounds = init.rounds;
    period_ns = init.period * kMs;
    // On a tick, and each client on another one.
    due_ns = (ctx.now().ns / kMs + 50 + init.number % init.period) * kMs;
    arm(ctx);
    return ok();
  }
  Effect on_begin(const Begin&, Context&) {
    measured = true;
    return receive();
  }
  Effect on_end(const End&, Context& ctx) {
    measured = false;
    if (ctx.send(judge, tally) != tina::SendResult::kQueued) return crash("judge is full");
    return receive();
  }
  Effect on_beat(const tina::Fired&, Context& ctx) {
    const std::uint64_t due = due_ns;
    due_ns += period_ns;
    arm(ctx);
    if (measured) ++tally.due;
    if (out == kOutMax) {
      if (measured) ++tally.shed;
      return receive();
    }
    ++out;
    if (shared) return call(work.grind(hall, rounds, due).tag(due));
    return call(work.grind(session, rounds, due).tag(due));
  }
  Effect on_work_grind_reply(const tina::Reply<Work::Grind>& reply, Context& ctx) {
    --out;
    if (!measured) return receive();
    const Sample sample{.latency_ns = now_ns() - reply.tag};
    return ctx.send(judge, sample) == tina::SendResult::kQueued ? Effect(receive())
                                                                : crash("judge is full");
  }
  Effect on_work_grind_failed(const tina::Failed<Work::Grind>&, Context&) {
    --out;
    if (measured) ++tally.failed;
    return receive();
  }

 private:
  /// A due time that has passed fires at once, so that what was missed is made up for.
  void arm(Context& ctx) {
    const std::uint64_t now = ctx.now().ns;
    ctx.beat.arm(std::chrono::nanoseconds(due_ns > now ? due_ns - now : 0));
  }
};

}  // namespace service
