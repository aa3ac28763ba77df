// SPDX-License-Identifier: Apache-2.0
// Counts primes, which takes it the whole of its shard while it lasts; that is why workers have
// shards of their own. Here is the planted bug: at every `deadly`-th job it writes through a null
// pointer. Its own shard's thread.
#pragma once

#include "tasks.tina.h"

namespace tasks {

struct Worker : WorkerBase {
  InitResult on_init(WorkerInit&& init, Context& ctx) {
    deadly = init.deadly;
    place = {.shard = static_cast<std::uint16_t>(tina::index(ctx.shard())),
             .index = static_cast<std::uint16_t>(init.index)};
    say_ready(ctx);
    return ok();
  }

  Answer<Work::Run> on_work_run(const Work::Run& job, Context&) {
    if (deadly != 0 && job.number % deadly == 0) fault();
    return reply(Work::Run::Result{.primes = primes_below(job.below)});
  }

  Effect on_hello(const tina::Fired&, Context& ctx) {
    say_ready(ctx);
    return receive();
  }

  std::uint32_t deadly = 0;
  Place place;

 private:
  static constexpr tina::ShardId kFront{0};

  /// One that finds no place is said again at the next `hello`.
  void say_ready(Context& ctx) const {
    const auto dispatcher = ctx.child<front::Front::dispatcher>(kFront);
    static_cast<void>(ctx.send(dispatcher, Ready{.who = ctx.self(), .place = place}));
  }

  /// Writes through a null pointer that the compiler cannot see through.
  static void fault() {
    volatile int* volatile nowhere = nullptr;
    *nowhere = 0;
  }

  /// By trial division: work that a processor notices.
  static std::uint32_t primes_below(std::uint32_t below) {
    std::uint32_t primes = below > 2 ? 1 : 0;
    for (std::uint32_t number = 3; number < below; number += 2) {
      std::uint32_t divisor = 3;
      while (divisor * divisor <= number && number % divisor != 0) divisor += 2;
      primes += divisor * divisor > number;
    }
    return primes;
  }
};

}  // namespace tasks
