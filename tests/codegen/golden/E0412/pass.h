#pragma once

#include "spec.tina.h"

namespace p {

struct Server : ServerBase {
  InitResult on_init(ServerInit&&, Context&) { return ok(); }
  Answer<Kv::Get> on_kv_get(const Kv::Get& get, Context&) {
    return reply(Kv::Get::Result{.value = get.key});
  }
  Effect on_poke(const Poke&, Context&) { return receive(); }
};

}  // namespace p
