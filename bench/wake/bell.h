// SPDX-License-Identifier: Apache-2.0
// The bell of the wake benchmark: each ring that arrives has waked its shard. Back shard's thread.
#pragma once

#include "load/histogram.h"
#include "reading.h"
#include "wake.tina.h"

namespace wake {

struct Bell : BellBase {
  tina::load::Histogram latency;
  std::uint32_t wakes = 0;
  std::uint32_t heard = 0;

  InitResult on_init(BellInit&& init, Context&) {
    wakes = init.wakes;
    return ok();
  }
  Effect on_ring(const Ring& ring, Context& ctx) {
    const std::uint64_t now = bench::read_clock();
    if (ring.number != heard++) return crash("a ring is lost");
    latency.Record(now - ring.sent_ns);
    if (heard == wakes) {
      const auto us = [this](double quantile) {
        return static_cast<double>(latency.ValueAt(quantile)) / 1e3;
      };
      bench::tell("{\"bench\": \"wake\", \"wakes\": %u, \"p50_us\": %.2f, \"p99_us\": %.2f}\n",
                  heard, us(0.5), us(0.99));
      return done();
    }
    const auto ringer = ctx.child<front::FrontRoot::ringer>(tina::ShardId{0});
    if (ctx.send(ringer, Heard{}) != tina::SendResult::kQueued) return crash("no place");
    return receive();
  }
};

}  // namespace wake
