// SPDX-License-Identifier: Apache-2.0
// Handlers of nested.tina's Asker: the composite's entry calls, and its one handler hears the
// answer in both states inside.
#pragma once

#include "nested.tina.h"
#include "walker.h"

namespace nested {

struct Asker : AskerBase {
  tina::Ref<Oracle> oracle;
  std::uint64_t asked = 0;

  InitResult on_init(AskerInit&& init, Context&) {
    oracle = init.oracle;
    return ok();
  }

  Entry<Waiting> on_enter(in<Waiting>, Context&) {
    walk("enter Waiting");
    return start(call(desk.ask(oracle, ++asked)));
  }
  Then<Stay<Waiting>, Hasty> on_desk_ask_reply(in<Waiting>, const tina::Reply<Desk::Ask>& m,
                                               Context&) {
    walk("reply in Waiting", m.result.value);
    return to<Hasty>();
  }
  Then<Idle> on_desk_ask_failed(in<Waiting>, const tina::Failed<Desk::Ask>&, Context&) {
    walk("failed in Waiting");
    return to<Idle>();
  }
  Entry<Hasty> on_enter(in<Hasty>, Context&) {
    walk("enter Hasty");
    return start();
  }
};

}  // namespace nested
