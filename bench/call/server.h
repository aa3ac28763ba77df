// SPDX-License-Identifier: Apache-2.0
// The server of the call benchmark: takes each number once and in its order. Shard's thread.
#pragma once

#include "call.tina.h"

namespace call_bench {

struct Server : ServerBase {
  std::uint64_t expected = 0;

  InitResult on_init(ServerInit&&, Context&) { return ok(); }

  Answer<Counter::Take> on_counter_take(const Counter::Take& take, Context&) {
    if (take.number != expected) return crash("number out of sequence");
    return reply(Counter::Take::Result{.next = ++expected});
  }
};

}  // namespace call_bench
