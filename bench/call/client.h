// SPDX-License-Identifier: Apache-2.0
// A client of the call benchmark: one call after the other. Only replies with the number that must
// come next count. Shard's thread.
#pragma once

#include "call.tina.h"

namespace call_bench {

struct Client : ClientBase {
  tina::Ref<Starter> starter;
  tina::Ref<Server> server;
  std::uint64_t number = 0;
  std::uint64_t last = 0;

  InitResult on_init(ClientInit&& init, Context&) {
    starter = init.starter;
    server = init.server;
    return ok();
  }

  Effect on_go(const Go& go, Context&) {
    last = go.last;
    return call(counter.take(server, number));
  }

  Effect on_counter_take_reply(const tina::Reply<Counter::Take>& reply, Context& ctx) {
    if (reply.result.next != ++number) return crash("reply out of sequence");
    if (number == last) [[unlikely]] {
      return ctx.send(starter, Stopped{}) == tina::SendResult::kQueued ? Effect(receive())
                                                                       : crash("starter is full");
    }
    return call(counter.take(server, number));
  }

  Effect on_counter_take_failed(const tina::Failed<Counter::Take>&, Context&) {
    return crash("a call failed");
  }
};

}  // namespace call_bench
