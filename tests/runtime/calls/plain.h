// SPDX-License-Identifier: Apache-2.0
// Handlers of calls.tina's Plain.
#pragma once

#include "acts.h"

namespace calls {

struct Plain : PlainBase {
  tina::Token<Kv::Slow> taken;

  InitResult on_init(PlainInit&&, Context& ctx) {
    last_plain = ctx.self();
    return ok();
  }
  Answer<Kv::Get> on_kv_get(const Kv::Get& get, Context&) {
    see("plain.get", get.key);
    const Kv::Get::Result result{.value = get.key, .sum = 1};
    if (get.act == Act::CRASH) return crash("told to crash");
    if (get.act == Act::END) return done(reply(result));
    return reply(result);
  }
  Effect on_kv_slow(const Kv::Slow&, tina::Token<Kv::Slow>&& token, Context&) {
    taken = std::move(token);
    return receive();
  }
  Effect on_kv_put(const Kv::Put& put, Context&) {
    see("plain.put", put.value);
    return receive();
  }
};

}  // namespace calls
