// SPDX-License-Identifier: Apache-2.0
// Tells the culprit to misbehave, and asks it something behind that. Shard's thread.
#pragma once

#include "endless.tina.h"

namespace endless {

struct Judge : JudgeBase {
  std::uint64_t left = 0;
  bool asks = false;

  InitResult on_init(JudgeInit&& init, Context&) {
    left = init.rounds;
    return ok();
  }
  Effect on_beat(const tina::Fired&, Context& ctx) {
    if (asks || left == 0) return receive();
    if (ctx.send(ctx.child<Root::culprit>(), Act{}) != tina::SendResult::kQueued) return receive();
    asks = true;
    return call(ask.whether(ctx.child<Root::culprit>(), --left));
  }
  Effect on_ask_whether_reply(const tina::Reply<Ask::Whether>& reply, Context& ctx) {
    return heard(ctx, reply.result.number == left);
  }
  Effect on_ask_whether_failed(const tina::Failed<Ask::Whether>&, Context& ctx) {
    return heard(ctx, true);
  }

 private:
  Effect heard(Context& ctx, bool right) {
    if (!right) return crash("a wrong answer");
    asks = false;
    if (left == 0) ctx.log(tina::Level::kInfo, "judged");
    return receive();
  }
};

}  // namespace endless
