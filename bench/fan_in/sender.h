// SPDX-License-Identifier: Apache-2.0
// A sender of the fan-in benchmark: a burst for each `Go`. An item that the full mailbox refuses is
// not lost: the burst goes on from it with the next `Go`. Shard's thread.
#pragma once

#include "fan_in.tina.h"

namespace fan_in {

struct Sender : SenderBase {
  tina::Ref<Receiver> receiver;
  std::uint64_t sequence = 0;
  std::uint32_t number = 0;

  InitResult on_init(SenderInit&& init, Context&) {
    receiver = init.receiver;
    number = init.number;
    return ok();
  }

  Effect on_go(const Go&, Context& ctx) {
    for (std::uint32_t i = 0; i < BURST; ++i) {
      const Item item{.sequence = sequence, .sender = number, .first = i == 0};
      if (ctx.send(receiver, item) != tina::SendResult::kQueued) [[unlikely]] {
        return refused(i == 0, ctx);
      }
      ++sequence;
    }
    return receive();
  }

 private:
  /// The receiver answers the first item of a burst; without one the sender wakes itself.
  Effect refused(bool first, Context& ctx) {
    if (first && ctx.send(ctx.self(), Go{}) != tina::SendResult::kQueued) {
      return crash("a sender's own mailbox is full");
    }
    return receive();
  }
};

}  // namespace fan_in
