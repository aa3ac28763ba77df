// SPDX-License-Identifier: Apache-2.0
// The parent of the spawn benchmark: whatever it has spawned must have lived by its next pass.
// Shard's thread.
#pragma once

#include "child.h"
#include "stopwatch.h"

namespace spawn_bench {

struct Parent : ParentBase {
  std::uint64_t spawned = 0;
  std::uint64_t to_rest = 0;
  std::uint64_t begin_at = 0;
  std::uint64_t end_at = 0;
  tina::Instant begin;

  InitResult on_init(ParentInit&& init, Context& ctx) {
    begin_at = init.lives / 10 / BATCH * BATCH;
    end_at = begin_at + init.lives / BATCH * BATCH;
    to_rest = init.resting;
    for (std::uint64_t i = 0; i < to_rest; ++i) {
      if (!ctx.spawn(ChildInit{.number = kRests}).ok()) return crash("no slot for who rests");
    }
    return ok(yield());
  }

  /// In the next pass, when all that were spawned have lived.
  Effect on_sys_yielded(const sys::Yielded&, Context& ctx) {
    if (resting != to_rest) [[unlikely]]
      return yield();
    if (lived != spawned) return crash("a child has not lived");
    if (lived == begin_at) [[unlikely]]
      begin = ctx.now();
    if (lived == end_at) [[unlikely]] {
      bench::report(ctx, "spawn", end_at - begin_at, begin);
      return done();
    }
    for (std::uint32_t i = 0; i < BATCH; ++i, ++spawned) {
      if (!ctx.spawn(ChildInit{.number = spawned}).ok()) return crash("no slot for a child");
    }
    return yield();
  }
};

}  // namespace spawn_bench
