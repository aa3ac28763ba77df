// SPDX-License-Identifier: Apache-2.0
// Handlers of flood.tina's Pump: sends without looking back, and counts what became of it.
#pragma once

#include <array>

#include "flood.tina.h"

namespace flood {

struct Pump : PumpBase {
  static constexpr std::uint16_t kBackFirst = 1, kBackShards = 2;

  std::array<std::uint32_t, 4> results{};  ///< by tina::SendResult
  std::uint32_t burst = 0;
  std::uint32_t answers = 0;
  std::uint64_t sent = 0;
  std::uint64_t sum = 0;

  InitResult on_init(PumpInit&& init, Context& ctx) {
    burst = init.burst;
    if (init.shard != tina::index(ctx.shard()) || init.shards != 1) return crash("not my number");
    return ok();
  }
  Effect on_tick(const tina::Fired&, Context& ctx) {
    for (std::uint32_t i = 0; i < burst; ++i) {
      for (std::uint16_t shard = 0; shard < kBackShards; ++shard) {
        for (std::uint32_t child = 0; child < 2; ++child) {
          const tina::ShardId to{static_cast<std::uint16_t>(kBackFirst + shard)};
          const auto mill = ctx.child<back::BackRoot::mill>(to, child);
          const tina::SendResult result = ctx.send(mill, Job{.number = ++sent, .from = ctx.self()});
          ++results[static_cast<unsigned>(result)];
        }
      }
    }
    return receive();
  }
  Effect on_done(const Done& done, Context&) {
    ++answers;
    sum ^= done.sum;
    return receive();
  }
  Effect on_sys_shutdown(const sys::Shutdown&, Context& ctx) {
    ctx.log(tina::Level::kInfo, "pumped", tina::Field{"queued", results[0]},
            tina::Field{"dead", results[2]}, tina::Field{"ring_full", results[3]},
            tina::Field{"answers", answers});
    return done();
  }
};

}  // namespace flood
