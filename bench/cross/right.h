// SPDX-License-Identifier: Apache-2.0
// The right side of the cross-shard benchmark: returns numbers, or counts items that come in their
// order. Its shard's thread.
#pragma once

#include "cross.tina.h"
#include "stopwatch.h"

namespace cross {

struct Right : RightBase {
  std::uint64_t expected = 0;
  std::uint64_t begin_at = 0;
  std::uint64_t end_at = 0;
  tina::Instant begin;

  static auto left(Context& ctx) { return ctx.child<left_role::LeftRoot::left>(tina::ShardId{0}); }
  static bool say_ready(Context& ctx) {
    return ctx.send(left(ctx), Ready{.right = ctx.self()}) == tina::SendResult::kQueued;
  }

  InitResult on_init(RightInit&& init, Context& ctx) {
    begin_at = init.limit / 10 + 1;
    end_at = begin_at + init.limit;
    return say_ready(ctx) ? InitResult(ok()) : crash("ready refused");
  }

  Effect on_hello(const Hello&, Context& ctx) {
    return say_ready(ctx) ? Effect(receive()) : crash("ready refused");
  }

  Effect on_serve(const Serve& serve, Context& ctx) {
    if (serve.sequence != expected++) return crash("number out of sequence");
    if (ctx.send(serve.from, Return{.sequence = serve.sequence}) != tina::SendResult::kQueued) {
      return crash("return refused");
    }
    return receive();
  }

  Effect on_item(const Item& item, Context& ctx) {
    if (item.sequence != expected++) return crash("item out of sequence");
    if (expected == begin_at) [[unlikely]]
      begin = ctx.now();
    if (expected == end_at) [[unlikely]] {
      bench::report(ctx, "cross_stream", end_at - begin_at, begin);
      return done();
    }
    if (item.last && ctx.send(left(ctx), Credit{}) != tina::SendResult::kQueued) {
      return crash("credit refused");
    }
    return receive();
  }

 private:
};

}  // namespace cross
