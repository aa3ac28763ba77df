// SPDX-License-Identifier: Apache-2.0
// A node of the simulation benchmark. A token that is lost, doubled or late is found by its number.
// Shard's thread.
#pragma once

#include "simulated.tina.h"

namespace simulated {

struct Node : NodeBase {
  std::uint64_t expected = 0;

  InitResult on_init(NodeInit&& init, Context& ctx) {
    if (init.index % 2 == 0) return ok();
    expected = 1;
    const auto other = ctx.child<main::Root::node>(init.index - 1);
    const Token first{.hop = 0, .from = ctx.self()};
    if (ctx.send(other, first) != tina::SendResult::kQueued) return crash("no place");
    return ok();
  }
  Effect on_token(const Token& token, Context& ctx) {
    if (token.hop != expected) return crash("token out of sequence");
    expected += 2;
    const Token further{.hop = token.hop + 1, .from = ctx.self()};
    if (ctx.send(token.from, further) != tina::SendResult::kQueued) return crash("token refused");
    return receive();
  }
};

}  // namespace simulated
