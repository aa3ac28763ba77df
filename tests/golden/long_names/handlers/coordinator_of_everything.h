#pragma once
#include "long_names.tina.h"

namespace long_names {

struct CoordinatorOfEverything : CoordinatorOfEverythingBase {
  InitResult on_init(CoordinatorOfEverythingInit&&, Context&) { return ok(); }
  Effect on_the_listener_accepted(net::tcp_listener::Accepted&&, Context&) { return receive(); }
};

}  // namespace long_names
