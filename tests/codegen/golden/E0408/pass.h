#pragma once

#include "spec.tina.h"

namespace p {

struct Nurse : NurseBase {
  InitResult on_init(NurseInit&&, Context&) { return ok(); }
  Effect on_rounds(const tina::Fired&, Context& ctx) {
    static_cast<void>(ctx.spawn(HealerInit{}));
    return receive();
  }
};

}  // namespace p
