#pragma once

#include "spec.tina.h"

namespace p {

struct Client : ClientBase {
  InitResult on_init(ClientInit&&, Context&) { return ok(); }
  Entry<Asking> on_enter(in<Asking>, Context&) { return start(call(kv.get(1), kv.get(2))); }
};

}  // namespace p
