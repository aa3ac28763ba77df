// SPDX-License-Identifier: Apache-2.0
// Counts: right as it is, and broken line by line by the tests.
#pragma once

#include "street.tina.h"

namespace street {

struct Desk : DeskBase {
  InitResult on_init(DeskInit&&, Context&) { return ok(); }
  Effect on_hello(const Hello& hello, Context&) {
    greeted += hello.times;
    return receive();
  }
  Effect on_round(const tina::Fired&, Context& ctx) {
    tina::SendResult told = ctx.send(ctx.self(), Bye{});
    return told == tina::SendResult::kQueued ? Effect(receive()) : crash("full");
  }

  std::uint64_t greeted = 0;
};

}  // namespace street
