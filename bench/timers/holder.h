// SPDX-License-Identifier: Apache-2.0
// A holder of the timer benchmark: one timer, armed for a random time. Shard's thread.
#pragma once

#include "reading.h"
#include "timers.tina.h"

namespace timers {

struct Holder : HolderBase {
  static constexpr std::uint32_t kTold = 64;  ///< fires that are told at once

  tina::Ref<Starter> starter;
  tina::Ref<Holder> next;
  std::uint64_t random = 0;
  std::uint32_t mode = 0;
  std::uint32_t fired = 0;

  InitResult on_init(HolderInit&& init, Context& ctx) {
    starter = init.starter;
    mode = init.mode;
    fired = init.number % kTold;  // so that not all tell at once
    random = init.number * 0x9e3779b97f4a7c15u;
    arm(ctx);
    return ok();
  }
  Effect on_link(const Link& link, Context&) {
    next = link.next;
    return receive();
  }
  Effect on_visit(const Visit& visit, Context& ctx) {
    if (visit.rearm) {
      if (!ctx.alarm.cancel()) return crash("the timer is gone");
      arm(ctx);
    }
    if (visit.left == 0) [[unlikely]] {
      const auto sent = ctx.send(starter, Ended{.rearmed = visit.rearm});
      return sent == tina::SendResult::kQueued ? Effect(receive()) : crash("starter is full");
    }
    const Visit further{.left = visit.left - 1, .rearm = visit.rearm};
    if (ctx.send(next, further) != tina::SendResult::kQueued) return crash("visit refused");
    return receive();
  }
  Effect on_alarm(const tina::Fired&, Context& ctx) {
    arm(ctx);
    if (++fired % kTold == 0) {
      if (ctx.send(starter, Fires{.count = kTold}) != tina::SendResult::kQueued) {
        return crash("starter is full");
      }
    }
    return receive();
  }

 private:
  /// Visits: longer than the run. Fires: so short that the shard never rests. Passes: two cascades.
  /// Bursts: hundreds of thousands in one tick, and in an order that has nothing to do with memory.
  void arm(Context& ctx) {
    constexpr std::array<std::uint32_t, 4> kLeast{60'000, 1, 10, 2'000};
    constexpr std::array<std::uint32_t, 4> kSpread{64'000, 4, 20'000, 2}, kStep{1, 1, 1, 500};
    const std::uint32_t steps = bench::next_random(random, kSpread[mode]);
    ctx.alarm.arm(std::chrono::milliseconds(kLeast[mode] + steps * kStep[mode]));
  }
};

}  // namespace timers
