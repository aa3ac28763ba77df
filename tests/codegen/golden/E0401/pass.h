#pragma once

#include "spec.tina.h"

namespace p {

struct Greeter : GreeterBase {
  InitResult on_init(GreeterInit&&, Context&) { return ok(); }
  Effect on_hello(const Hello&, Context&) { return receive(); }
};

}  // namespace p
