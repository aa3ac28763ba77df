// SPDX-License-Identifier: Apache-2.0
// Handlers of routed.tina's Client. A value that comes back from another place than it went to is
// not there, and the test sees that.
#pragma once

#include "routed.tina.h"

namespace routed {

struct Client : ClientBase {
  static constexpr std::uint32_t kPatience = 200;  ///< ticks in which the other shards start

  std::uint64_t key = 0;
  std::uint32_t rounds = 0;
  std::uint32_t crash_at = 0;
  std::uint32_t ticks = 0;
  std::uint32_t failed = 0;  ///< calls without an answer, and values that a restart has lost
  bool waits = false;  ///< one key is on its way at a time, so a slow shard's ring never fills
  std::uint64_t places = 0;  ///< a bit per place that has answered

  InitResult on_init(ClientInit&& init, Context&) {
    rounds = init.rounds;
    crash_at = init.crash_at;
    return ok();
  }
  Effect on_tick(const tina::Fired&, Context& ctx) {
    if (++ticks < kPatience || waits || key == rounds) return receive();
    ++key;
    waits = true;
    if (ctx.send(Store::Put{.key = key, .value = key * 3}) != tina::SendResult::kQueued) {
      return crash("a cast by route finds no place");
    }
    if (key == crash_at) return crash("told to");
    return call(store.get(key).tag(key));
  }
  Effect on_store_get_reply(const tina::Reply<Store::Get>& reply, Context& ctx) {
    waits = false;
    if (reply.result.value == 0) ++failed;
    if (reply.result.value != 0 && reply.result.value != reply.tag * 3) return crash("not mine");
    places |= std::uint64_t{1} << reply.result.place;
    if (reply.tag != rounds) return receive();
    const tina::BroadcastResult flushed = ctx.broadcast<Store>(Store::Flush{});
    if (!flushed.all_queued()) return crash("a broadcast finds no place");
    ctx.log(tina::Level::kInfo, "stored", tina::Field{"keys", static_cast<std::int64_t>(key)},
            tina::Field{"places", static_cast<std::int64_t>(places)},
            tina::Field{"flushed", flushed.queued}, tina::Field{"failed", failed});
    return receive();
  }
  Effect on_store_get_failed(const tina::Failed<Store::Get>&, Context&) {
    waits = false;
    ++failed;
    return receive();
  }
  Effect on_sys_shutdown(const sys::Shutdown&, Context&) { return done(); }
};

}  // namespace routed
