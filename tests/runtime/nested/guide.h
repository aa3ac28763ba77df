// SPDX-License-Identifier: Apache-2.0
// Handlers of nested.tina's Guide: starts a Walker or a Streamer on order; in a simulation it
// keeps its walkers busy with orders that follow from its own state alone.
#pragma once

#include <array>

#include "nested.tina.h"
#include "walker.h"

namespace nested {

inline tina::Ref<Walker> last_walker;
inline tina::Ref<Streamer> last_streamer;
inline tina::Ref<Asker> last_asker;
inline tina::Ref<Oracle> last_oracle;

struct Guide : GuideBase {
  std::array<tina::Ref<Walker>, 4> refs{};
  std::uint64_t random = 7;
  std::uint32_t walkers = 0;
  std::uint32_t sent = 0;

  InitResult on_init(GuideInit&& init, Context&) {
    walkers = init.driving ? init.walkers : 0;
    return ok();
  }
  /// LEFT starts a Walker, RIGHT a Streamer on descriptor `value`, BESIDE an Asker with an
  /// Oracle.
  Effect on_order(const Order& order, Context& ctx) {
    if (order.way == Way::LEFT) {
      last_walker = ctx.spawn(WalkerInit{static_cast<std::uint32_t>(order.value)}).ref;
    } else if (order.way == Way::BESIDE) {
      last_oracle = ctx.spawn(OracleInit{}).ref;
      last_asker = ctx.spawn(AskerInit{last_oracle}).ref;
    } else {
      const auto descriptor = static_cast<std::int32_t>(order.value);
      last_streamer = ctx.spawn(StreamerInit{net::tcp_stream(descriptor)}).ref;
    }
    return receive();
  }
  Effect on_beat(const tina::Fired&, Context& ctx) {
    for (std::uint32_t i = 0; i < walkers; ++i) drive(i, ctx);
    return receive();
  }

 private:
  void drive(std::uint32_t walker, Context& ctx) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const auto pick = static_cast<std::uint32_t>(random >> 33);
    const auto way = static_cast<Way>(pick % 40 < 39 ? pick % 8 : 8 + pick % 2);
    ++sent;
    tina::SendResult result = tina::SendResult::kQueued;
    switch (pick % 5) {
      case 0:
        result = ctx.send(refs[walker], Note{sent});
        break;
      case 1:
        result = ctx.send(refs[walker], Poke{});
        break;
      case 2:
        result = ctx.send(refs[walker], Hint{sent});
        break;
      case 3:
        result = ctx.send(refs[walker], Knock{sent});
        break;
      default:
        result = ctx.send(refs[walker], Order{.way = way, .value = sent});
    }
    if (result != tina::SendResult::kDead) return;
    if (const auto spawned = ctx.spawn(WalkerInit{sent}); spawned.ok()) refs[walker] = spawned.ref;
  }
};

}  // namespace nested
