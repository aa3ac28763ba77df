// SPDX-License-Identifier: Apache-2.0
// A crasher: each of its lives ends at the first message, which it sends itself, except that the
// first of all comes from the starter. Shard's thread.
#pragma once

#include "crash.tina.h"
#include "stopwatch.h"

namespace crash_bench {

/// What outlives the crashers: a state is wiped at each restart.
struct Tally {
  std::uint64_t inits = 0;
  std::uint64_t begin_at = 0;
  std::uint64_t end_at = 0;
  tina::Instant begin;
  std::array<std::uint64_t, CRASHERS> lives{};
};
inline Tally tally;

struct Crasher : CrasherBase {
  std::uint32_t number = 0;
  bool fault = false;

  InitResult on_init(CrasherInit&& init, Context& ctx) {
    number = init.number;
    fault = init.fault;
    const std::uint64_t restarts = ++tally.inits - CRASHERS;
    if (tally.inits == CRASHERS) [[unlikely]] {
      tally.begin_at = init.crashes / 10;
      tally.end_at = tally.begin_at + init.crashes;
    }
    if (tally.begin_at != 0 && restarts == tally.begin_at) [[unlikely]]
      tally.begin = ctx.now();
    if (tally.end_at != 0 && restarts == tally.end_at) [[unlikely]] {
      for (const std::uint64_t lives : tally.lives) {
        if (lives < 1 + tally.end_at / CRASHERS / 2) return crash("a crasher was forgotten");
      }
      bench::report(ctx, fault ? "fault" : "crash", tally.end_at - tally.begin_at, tally.begin);
    }
    const bool first = tally.lives[number]++ == 0;
    if (!first && ctx.send(ctx.self(), Hit{}) != tina::SendResult::kQueued) {
      return crash("hit refused");
    }
    return ok();
  }

  Effect on_hit(const Hit&, Context&) {
    if (fault) *static_cast<volatile int*>(nowhere) = 1;
    return crash("told to crash");
  }

 private:
  static inline int* volatile nowhere = nullptr;
};

}  // namespace crash_bench
