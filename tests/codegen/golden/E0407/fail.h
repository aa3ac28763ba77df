#pragma once

#include "spec.tina.h"

namespace p {

struct Greeter : GreeterBase {
  InitResult on_init(GreeterInit&&, Context&) { return ok(); }
  Effect on_hello(const Hello& hello, Context& ctx) {
    if (hello.times > 0 && ctx.send(ctx.self(), Goodbye{}) != tina::SendResult::kQueued) {
      ctx.log(tina::Level::kWarning, "refused");
    }
    return receive();
  }
};

}  // namespace p
