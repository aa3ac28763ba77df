#pragma once

#include "spec.tina.h"

namespace p {

struct Server : ServerBase {
  InitResult on_init(ServerInit&&, Context&) { return ok(); }
  Answer<Kv::Get> on_kv_get(const Kv::Get&, Context&) { return receive(); }
  Effect on_poke(const Poke&, Context&) { return receive(); }
};

}  // namespace p
