// SPDX-License-Identifier: Apache-2.0
// Handlers of calls.tina's Client.
#pragma once

#include "acts.h"

namespace calls {

struct Client : ClientBase {
  static auto news(const sys::Down& down) {
    see("down", static_cast<std::uint64_t>(down.why));
    see("down.who", down.who.bits);
    return stay();
  }

  InitResult on_init(ClientInit&& init, Context& ctx) {
    see("client.init", init.id);
    last_client = ctx.self();
    return ok();
  }
  Then<Stay<Machine>, Idle, Waiting, Deaf, Gone> on_order(in<Machine>, const Order& order,
                                                          Context& ctx) {
    see("client.order", order.value);
    const std::uint64_t value = order.value;
    switch (order.act) {
      case Act::CRASH:
        return crash("told to crash");
      case Act::END:
        return to<Gone>();
      case Act::GET:
        return to<Waiting>(call(kv.get(order.server, value, order.inner).tag(value)));
      case Act::ASK:
        return to<Waiting>(call(kv.get(order.other, value, order.inner).tag(value)));
      case Act::TWO:
        return to<Waiting>(call(kv.get(order.server, value, order.inner).tag(value),
                                kv.get(order.server, value + 1, Act::NOTHING).tag(value + 1)));
      case Act::SLOW:
        return to<Waiting>(call(kv.slow(order.server, value).tag(value)));
      case Act::LOCK:
        return to<Waiting>(call(kv.lock(order.server)));
      case Act::LEAVE:
        return to<Idle>();
      case Act::AGAIN:
        return to<Waiting>();
      case Act::DEAF:
        return to<Deaf>();
      case Act::WATCH:
        see("watch", static_cast<std::uint64_t>(order.client == tina::Ref<Client>{}
                                                    ? ctx.monitor(order.server)
                                                    : ctx.monitor(order.client)));
        return stay();
      case Act::UNWATCH:
        see("unwatch", ctx.demonitor(order.server) ? 1 : 0);
        return stay();
      case Act::SEND:
        see("sent", static_cast<std::uint64_t>(ctx.send(order.other, Kv::Put{.value = value})));
        return stay();
      case Act::YIELD:
        return to<Idle>(yield());
      default:
        return stay();
    }
  }
  Then<Stay<Machine>> on_kv_changed(in<Machine>, const Kv::Changed& changed, Context&) {
    see("client.changed", changed.value);
    return stay();
  }
  Then<Stay<Machine>> on_sys_shard_restarted(in<Machine>, const sys::ShardRestarted& news,
                                             Context&) {
    see("restarted", static_cast<std::uint64_t>(news.shard));
    see("restarts", news.restarts);
    return stay();
  }
  Then<Stay<Machine>, Gone> on_sys_shard_quarantined(in<Machine>, const sys::ShardQuarantined& news,
                                                     Context&) {
    see("quarantined", static_cast<std::uint64_t>(news.shard));
    if (crash_on_news) return crash("told to crash");
    return stay();
  }
  Then<Stay<Idle>> on_sys_down(in<Idle>, const sys::Down& down, Context&) { return news(down); }
  Then<Stay<Waiting>> on_sys_down(in<Waiting>, const sys::Down& down, Context&) {
    return news(down);
  }
  Then<Stay<Idle>> on_sys_yielded(in<Idle>, const sys::Yielded&, Context&) {
    see("client.yielded", 0);
    return stay();
  }
  Then<Stay<Waiting>> on_kv_get_reply(in<Waiting>, const tina::Reply<Kv::Get>& reply, Context&) {
    see("reply", reply.result.value);
    see("reply.tag", reply.tag);
    return stay();
  }
  Then<Stay<Waiting>> on_kv_get_timeout(in<Waiting>, const tina::Timeout<Kv::Get>& timeout,
                                        Context&) {
    see("timeout", timeout.tag);
    return stay();
  }
  Then<Stay<Waiting>> on_kv_get_rejected(in<Waiting>, const tina::Rejected<Kv::Get>& rejected,
                                         Context&) {
    see("rejected", static_cast<std::uint64_t>(rejected.reason));
    see("rejected.tag", rejected.tag);
    return stay();
  }
  Then<Stay<Waiting>> on_kv_slow_reply(in<Waiting>, const tina::Reply<Kv::Slow>& reply, Context&) {
    see("slow.reply", reply.result.value);
    return stay();
  }
  Then<Stay<Waiting>> on_kv_slow_failed(in<Waiting>, const tina::Failed<Kv::Slow>& failed,
                                        Context&) {
    see("slow.failed", static_cast<std::uint64_t>(failed.reason));
    return stay();
  }
  Then<Stay<Waiting>> on_kv_lock_reply(in<Waiting>, const tina::Reply<Kv::Lock>&, Context&) {
    see("lock.reply", 0);
    return stay();
  }
  Then<Stay<Waiting>> on_kv_lock_failed(in<Waiting>, const tina::Failed<Kv::Lock>& failed,
                                        Context&) {
    see("lock.failed", static_cast<std::uint64_t>(failed.reason));
    return stay();
  }
};

}  // namespace calls
