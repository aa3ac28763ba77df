// SPDX-License-Identifier: Apache-2.0
// The listener of the descriptors benchmark: each connection must have settled before it takes the
// one after the next. Shard's thread.
#pragma once

#include <utility>

#include "holder.h"
#include "stopwatch.h"

namespace descriptors {

struct Listener : ListenerBase {
  static constexpr std::uint64_t kUnsettledMax = 4;

  std::uint64_t open = 0;
  std::uint64_t accepted = 0;
  std::uint64_t lives = 0;
  tina::Instant begin;

  InitResult on_init(ListenerInit&& init, Context& ctx) {
    open = init.open;
    lives = init.lives;
    begin = ctx.now();
    return ok(io(server.accept()));
  }
  Effect on_server_accepted(net::tcp_listener::Accepted&& connection, Context& ctx) {
    if (!connection.ok()) return crash("accept failed");
    if (accepted - settled > kUnsettledMax) return crash("a connection was forgotten");
    const bool stays = accepted < open;
    if (!ctx.spawn({.conn = std::move(connection.stream), .stays = stays}).ok()) {
      return crash("no slot for a connection");
    }
    if (++accepted < open + lives) return io(server.accept());
    bench::report(ctx, "descriptors", lives, begin);
    return done();
  }
};

}  // namespace descriptors
