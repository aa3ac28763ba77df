#pragma once

#include "spec.tina.h"

namespace p {

struct Greeter : private GreeterBase {
  using GreeterBase::Context;
  InitResult on_init(GreeterInit&&, Context&) { return ok(); }
  Effect on_hello(const Hello&, Context&) { return receive(); }
};

}  // namespace p
