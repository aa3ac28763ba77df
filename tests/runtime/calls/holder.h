// SPDX-License-Identifier: Apache-2.0
// Handlers of calls.tina's Holder: calls again and again from its entry, so that each call uses the
// record that the one before has left.
#pragma once

#include "acts.h"

namespace calls {

struct Holder : HolderBase {
  tina::Ref<Server> server;
  std::uint64_t left = 3;

  InitResult on_init(HolderInit&& init, Context&) {
    server = init.server;
    return ok();
  }
  Entry<Asking> on_enter(in<Asking>, Context&) {
    return start(call(kv.get(server, left, Act::NOTHING)));
  }
  Then<Asking, Done> on_kv_get_reply(in<Asking>, const tina::Reply<Kv::Get>& reply, Context&) {
    see("holder.reply", reply.result.value);
    if (--left == 0) return to<Done>();
    return to<Asking>();
  }
};

}  // namespace calls
