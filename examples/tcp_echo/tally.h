// SPDX-License-Identifier: Apache-2.0
// Starts the clients and adds up what they report. Its last line is the program's result: a client
// that has crashed makes it crash too, and the program end with a status that says so. Shard's
// thread.
#pragma once

#include "client.tina.h"

namespace echo_client {

struct Tally : TallyBase {
  InitResult on_init(TallyInit&& init, Context&) {
    if (init.clients > CLIENTS_MAX) return crash("--clients: at most 256");
    server = init.server;
    wanted = init.clients;
    rounds = init.rounds;
    return ok(yield());  // the group of clients starts after this isolate
  }

  Effect on_sys_yielded(const sys::Yielded&, Context& ctx) {
    for (; started < wanted; ++started) {
      const auto spawned = ctx.spawn({.number = started, .to = server, .rounds = rounds});
      if (!spawned.ok() || ctx.monitor(spawned.ref) != tina::MonitorResult::kWatching) {
        return crash("no place for a client");
      }
    }
    return go_on(ctx);
  }

  Effect on_report(const Report& one, Context& ctx) {
    ++reports;
    sum.rounds += one.rounds;
    sum.bytes += one.bytes;
    sum.connects += one.connects;
    sum.failures += one.failures;
    sum.breaks += one.breaks;
    return go_on(ctx);
  }

  /// Of one that ends normally the report is enough, and may still be on its way.
  Effect on_sys_down(const sys::Down& down, Context& ctx) {
    crashed += down.why != sys::Why::kNormal && down.why != sys::Why::kShutdown;
    return go_on(ctx);
  }

  Effect on_sys_shutdown(const sys::Shutdown&, Context& ctx) {
    wanted = started;
    return go_on(ctx);
  }

  net::address server;
  std::uint32_t wanted = 0;
  std::uint32_t rounds = 0;
  std::uint32_t started = 0;
  std::uint32_t reports = 0;
  std::uint32_t crashed = 0;
  Report sum;

 private:
  /// Waits for more, or says the result.
  Effect go_on(Context& ctx) {
    if (reports + crashed < wanted) return receive();
    const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
    ctx.log(tina::Level::kInfo, "echoed", tina::Field{"clients", reports},
            tina::Field{"rounds", number(sum.rounds)}, tina::Field{"bytes", number(sum.bytes)},
            tina::Field{"crashed", crashed});
    ctx.log(tina::Level::kInfo, "connected", tina::Field{"connects", sum.connects},
            tina::Field{"failures", sum.failures}, tina::Field{"breaks", sum.breaks});
    if (crashed > 0) return crash("clients have crashed");
    return done();
  }
};

}  // namespace echo_client
