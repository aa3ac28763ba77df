// SPDX-License-Identifier: Apache-2.0
// The starter of the call benchmark. Shard's thread.
#pragma once

#include "call.tina.h"
#include "stopwatch.h"

namespace call_bench {

struct Starter : StarterBase {
  std::uint64_t pairs = 0;
  std::uint64_t stopped = 0;
  std::uint64_t warm = 0;  ///< calls of each pair
  std::uint64_t last = 0;
  tina::Instant begin;
  bool measuring = false;
  std::array<tina::Ref<Client>, PAIRS> clients{};

  InitResult on_init(StarterInit&& init, Context& ctx) {
    pairs = init.one_pair ? 1 : PAIRS;
    warm = init.calls / 10 / pairs + 1;
    last = warm + init.calls / pairs + 1;
    for (tina::Ref<Client>& client : clients) {
      const auto server = ctx.spawn(ServerInit{});
      if (!server.ok()) return crash("no slot for a server");
      const auto spawned = ctx.spawn(ClientInit{.starter = ctx.self(), .server = server.ref});
      if (!spawned.ok()) return crash("no slot for a client");
      client = spawned.ref;
    }
    if (!start(warm, ctx)) return crash("start refused");
    return ok();
  }

  Effect on_stopped(const Stopped&, Context& ctx) {
    if (++stopped < pairs) return receive();
    stopped = 0;
    if (measuring) {
      bench::report(ctx, pairs == 1 ? "call_one" : "call", pairs * (last - warm), begin);
      return done();
    }
    measuring = true;
    begin = ctx.now();
    if (!start(last, ctx)) return crash("start refused");
    return receive();
  }

 private:
  bool start(std::uint64_t until, Context& ctx) {
    for (std::size_t i = 0; i < pairs; ++i) {
      if (ctx.send(clients[i], Go{.last = until}) != tina::SendResult::kQueued) return false;
    }
    return true;
  }
};

}  // namespace call_bench
