// SPDX-License-Identifier: Apache-2.0
// Handlers of calls.tina's Server.
#pragma once

#include "acts.h"

namespace calls {

struct Server : ServerBase {
  std::uint64_t sum = 0;
  tina::Token<Kv::Slow> first, second;

  InitResult on_init(ServerInit&& init, Context& ctx) {
    see("server.init", init.id);
    last_server = ctx.self();
    return ok();
  }
  Then<Stay<Machine>, Open, Closed, Locked, Gone> on_poke(in<Machine>, const Poke& poke,
                                                          Context& ctx) {
    see("server.poke", poke.value);
    switch (poke.act) {
      case Act::CRASH:
        return crash("told to crash");
      case Act::END:
        return to<Gone>();
      case Act::LOCK:
        return to<Locked>();
      case Act::RELEASE:
        return to<Open>();
      case Act::CLOSE:
        return to<Closed>();
      case Act::ANSWER:
        answer(first ? first : second, poke.value, ctx);
        return stay();
      case Act::AGAIN: {  // a token answers once
        answer(first, poke.value, ctx);
        answer(first, poke.value, ctx);
        return stay();
      }
      case Act::NOTE:
        see("changed",
            static_cast<std::uint64_t>(ctx.send(poke.follower, Kv::Changed{.value = poke.value})));
        return stay();
      case Act::SEND:
        see("sent", static_cast<std::uint64_t>(
                        ctx.send(poke.client, Order{.act = Act::NOTHING, .value = poke.value})));
        return stay();
      default:
        misbehave(poke.act);
        return stay();
    }
  }
  Then<Stay<Machine>> on_kv_put(in<Machine>, const Kv::Put& put, Context&) {
    see("server.put", put.value);
    sum += put.value;
    return stay();
  }
  Answer<Kv::Get, Stay<Open>, Closed, Gone> on_kv_get(in<Open>, const Kv::Get& get, Context& ctx) {
    see("server.get", get.key);
    const Kv::Get::Result result{.value = get.key, .sum = sum};
    switch (get.act) {
      case Act::CRASH:
        return crash("told to crash");
      case Act::END:
        return to<Gone>(reply(result));
      case Act::CLOSE:
        return to<Closed>(reply(result));
      case Act::SEND:  // a message that comes before the reply
        see("sent", static_cast<std::uint64_t>(
                        ctx.send(last_client, Order{.act = Act::NOTHING, .value = get.key})));
        return stay(reply(result));
      default:
        misbehave(get.act);
        return stay(reply(result));
    }
  }
  Then<Stay<Open>> on_kv_slow(in<Open>, const Kv::Slow& slow, tina::Token<Kv::Slow>&& token,
                              Context&) {
    see("server.slow", slow.key);
    if (slow.key == 13) return crash("told to crash");
    (first ? second : first) = std::move(token);
    return stay();
  }
  Then<Stay<Locked>, Open> on_kv_slow(in<Locked>, const Kv::Slow& slow,
                                      tina::Token<Kv::Slow>&& token, Context& ctx) {
    see("server.slow", slow.key);
    see("answered", static_cast<std::uint64_t>(
                        ctx.answer(std::move(token), Kv::Slow::Result{.value = slow.key})));
    return to<Open>();
  }
  Answer<Kv::Lock, Locked> on_kv_lock(in<Open>, const Kv::Lock&, Context&) {
    see("server.lock", 0);
    return to<Locked>(reply(Kv::Lock::Result{}));
  }

 private:
  static void answer(tina::Token<Kv::Slow>& token, std::uint64_t value, Context& ctx) {
    const auto result = ctx.answer(std::move(token), Kv::Slow::Result{.value = value});
    see("answered", static_cast<std::uint64_t>(result));
  }
};

}  // namespace calls
