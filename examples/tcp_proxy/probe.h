// SPDX-License-Identifier: Apache-2.0
// Tries to reach an upstream that is down, and tells the balancer when it has. Pauses between two
// tries double, up to a limit. Shard's thread.
#pragma once

#include <algorithm>

#include "proxy.tina.h"

namespace tcp_proxy {

struct Probe : ProbeBase {
  using Stream = net::tcp_stream;

  InitResult on_init(ProbeInit&& init, Context& ctx) {
    index = init.index;
    // Heard or not: a balancer that is not there yet has nothing to be watched.
    static_cast<void>(ctx.send(ctx.child<Root::balancer>(), Balance::Probing{.index = index}));
    return ok();
  }
  Then<Pausing> on_watch(in<Resting>, const Watch& watch, Context&) {
    to_upstream = watch.to;
    pause = watch.delay;
    return to<Pausing>();
  }
  Entry<Pausing> on_enter(in<Pausing>, Context& ctx) {
    ctx.again.arm(pause);
    pause = std::min<tina::Duration>(2 * pause, kPauseMax);
    return start();
  }
  Entry<Trying> on_enter(in<Trying>, Context&) { return start(target.connect(to_upstream)); }
  Then<Closing, Pausing> on_target_connected(in<Trying>, const Stream::Connected& connected,
                                             Context&) {
    if (!connected.ok()) return to<Pausing>();
    return to<Closing>();
  }
  Entry<Closing> on_enter(in<Closing>, Context&) { return start(target.close()); }
  Then<Resting, Pausing> on_target_closed(in<Closing>, const Stream::Closed&, Context& ctx) {
    const Balance::Reached reached{.index = index};
    const auto result = ctx.send(ctx.child<Root::balancer>(), reached);
    if (result != tina::SendResult::kQueued) return to<Pausing>();  // it must hear of it
    return to<Resting>();
  }

  std::uint32_t index = 0;
  net::Address to_upstream;
  tina::Duration pause{};

 private:
  static constexpr std::chrono::seconds kPauseMax{5};
};

}  // namespace tcp_proxy
