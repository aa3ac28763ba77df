// SPDX-License-Identifier: Apache-2.0
// The parent of the spawn benchmark: whatever it has spawned must have lived by its next turn.
// Shard's thread.
#pragma once

#include "child.h"
#include "stopwatch.h"

namespace spawn_bench {

struct Parent : ParentBase {
  std::uint64_t spawned = 0;
  std::uint64_t begin_at = 0;
  std::uint64_t end_at = 0;
  tina::Instant begin;

  InitResult on_init(ParentInit&& init, Context& ctx) {
    begin_at = init.lives / 10 / BATCH * BATCH;
    end_at = begin_at + init.lives / BATCH * BATCH;
    return again(ctx) ? InitResult(ok()) : crash("go refused");
  }

  Effect on_go(const Go&, Context& ctx) {
    if (lived == begin_at && begin == tina::Instant{}) [[unlikely]]
      begin = ctx.now();
    if (lived == end_at) [[unlikely]] {
      bench::report(ctx, "spawn", end_at - begin_at, begin);
      return done();
    }
    // Those of the last turn live in a later batch of their type: wait for them.
    const std::uint32_t wanted = lived == spawned ? BATCH : 0;
    for (std::uint32_t i = 0; i < wanted; ++i, ++spawned) {
      if (!ctx.spawn(ChildInit{.number = spawned}).ok()) return crash("no slot for a child");
    }
    return again(ctx) ? Effect(receive()) : crash("go refused");
  }

 private:
  static bool again(Context& ctx) {
    return ctx.send(ctx.self(), Go{}) == tina::SendResult::kQueued;
  }
};

}  // namespace spawn_bench
