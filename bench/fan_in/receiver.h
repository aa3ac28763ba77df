// SPDX-License-Identifier: Apache-2.0
// The receiver of the fan-in benchmark: only items that it has seen, each once and in its sender's
// order, count. Shard's thread.
#pragma once

#include "fan_in.tina.h"
#include "stopwatch.h"

namespace fan_in {

struct Receiver : ReceiverBase {
  std::uint64_t delivered = 0;
  std::uint64_t begin_at = 0;
  std::uint64_t end_at = 0;
  tina::Instant begin;
  std::array<std::uint64_t, SENDERS> expected{};
  std::array<tina::Ref<Sender>, SENDERS> senders{};

  InitResult on_init(ReceiverInit&& init, Context& ctx) {
    begin_at = init.limit / 10 + 1;
    end_at = begin_at + init.limit;
    for (std::uint32_t i = 0; i < SENDERS; ++i) {
      const auto sender = ctx.spawn({.receiver = ctx.self(), .number = i});
      if (!sender.ok()) return crash("no slot for a sender");
      senders[i] = sender.ref;
      if (ctx.send(sender.ref, Go{}) != tina::SendResult::kQueued) return crash("start refused");
    }
    return ok();
  }

  Effect on_item(const Item& item, Context& ctx) {
    if (item.sequence != expected[item.sender]++) return crash("item out of sequence");
    ++delivered;
    if (delivered == begin_at) [[unlikely]]
      begin = ctx.now();
    if (delivered == end_at) [[unlikely]] {
      bench::report(ctx, "fan_in", end_at - begin_at, begin);
      return done();
    }
    if (item.first && ctx.send(senders[item.sender], Go{}) != tina::SendResult::kQueued) {
      return crash("answer refused");
    }
    return receive();
  }
};

}  // namespace fan_in
