// SPDX-License-Identifier: Apache-2.0
// The ringer of the wake benchmark: one ring at a time, some milliseconds apart. Front shard's
// thread.
#pragma once

#include <chrono>

#include "reading.h"
#include "wake.tina.h"

namespace wake {

struct Ringer : RingerBase {
  static constexpr std::chrono::milliseconds kPause{2};
  static constexpr std::chrono::milliseconds kSettle{200};

  std::uint32_t number = 0;

  InitResult on_init(RingerInit&&, Context& ctx) {
    ctx.pause.arm(kSettle);
    return ok();
  }
  Effect on_pause(const tina::Fired&, Context& ctx) {
    const auto bell = ctx.child<back::BackRoot::bell>(tina::ShardId{1});
    const Ring ring{.sent_ns = bench::read_clock(), .number = number++};
    if (ctx.send(bell, ring) != tina::SendResult::kQueued) return crash("the ring is refused");
    return receive();
  }
  Effect on_heard(const Heard&, Context& ctx) {
    ctx.pause.arm(kPause);
    return receive();
  }
};

}  // namespace wake
