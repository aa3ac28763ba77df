// SPDX-License-Identifier: Apache-2.0
// A node of the ring benchmark: passes each token on. It knows which hop arrives next, so a token
// that is lost, doubled or overtaken is found at once. Shard's thread.
#pragma once

#include "ring.tina.h"

namespace ring {

struct Node : NodeBase {
  tina::Ref<Node> next;
  tina::Ref<Starter> starter;
  std::uint64_t expected = 0;
  std::uint64_t stride = 0;  ///< hops between two arrivals here

  InitResult on_init(NodeInit&& init, Context&) {
    starter = init.starter;
    stride = init.stride;
    return ok();
  }

  Effect on_link(const Link& link, Context&) {
    next = link.next;
    expected = link.first;
    return receive();
  }

  Effect on_token(const Token& token, Context& ctx) {
    if (token.hop != expected) return crash("token out of sequence");
    if (token.hop == token.stop) [[unlikely]] {
      return ctx.send(starter, Stopped{}) == tina::SendResult::kQueued ? Effect(receive())
                                                                       : crash("starter is full");
    }
    expected += stride;
    const Token further{.hop = token.hop + 1, .stop = token.stop};
    if (ctx.send(next, further) != tina::SendResult::kQueued) return crash("token refused");
    return receive();
  }
};

}  // namespace ring
