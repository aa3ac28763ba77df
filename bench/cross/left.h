// SPDX-License-Identifier: Apache-2.0
// The left side of the cross-shard benchmark: only a number that comes back in its turn counts.
// Its shard's thread.
#pragma once

#include "cross.tina.h"
#include "stopwatch.h"

namespace cross {

struct Left : LeftBase {
  std::uint64_t sequence = 0;
  std::uint64_t begin_at = 0;
  std::uint64_t end_at = 0;
  tina::Instant begin;
  tina::Ref<Right> right;
  bool stream = false;
  bool begun = false;

  InitResult on_init(LeftInit&& init, Context& ctx) {
    begin_at = init.limit / 10 + 1;
    end_at = begin_at + init.limit;
    stream = init.stream;
    const auto there = ctx.child<right_role::RightRoot::right>(tina::ShardId{1});
    if (ctx.send(there, Hello{}) != tina::SendResult::kQueued) return crash("hello refused");
    return ok();
  }

  Effect on_ready(const Ready& ready, Context& ctx) {
    if (begun) return receive();
    begun = true;
    right = ready.right;
    for (std::uint32_t i = 0; stream && i < WINDOW; ++i) {
      if (!burst(ctx)) return crash("item refused");
    }
    if (!stream && !serve(ctx)) return crash("serve refused");
    return receive();
  }

  Effect on_return(const Return& back, Context& ctx) {
    if (back.sequence != sequence) return crash("number out of sequence");
    ++sequence;
    if (sequence == begin_at) [[unlikely]]
      begin = ctx.now();
    if (sequence == end_at) [[unlikely]] {
      bench::report(ctx, "cross_trip", end_at - begin_at, begin);
      return done();
    }
    if (!serve(ctx)) return crash("serve refused");
    return receive();
  }

  Effect on_credit(const Credit&, Context& ctx) {
    if (!burst(ctx)) return crash("item refused");
    return receive();
  }

 private:
  bool serve(Context& ctx) {
    const Serve next{.sequence = sequence, .from = ctx.self()};
    return ctx.send(right, next) == tina::SendResult::kQueued;
  }

  bool burst(Context& ctx) {
    for (std::uint32_t i = 0; i < BURST; ++i) {
      const Item item{.sequence = sequence++, .last = i + 1 == BURST};
      if (ctx.send(right, item) != tina::SendResult::kQueued) return false;
    }
    return true;
  }
};

}  // namespace cross
