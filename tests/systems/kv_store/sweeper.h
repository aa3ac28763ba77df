// SPDX-License-Identifier: Apache-2.0
// Handlers of kv_store.tina's Sweeper: counts who has heard it, and what they did.
#pragma once

#include "kv_store.tina.h"

namespace kv_store {

struct Sweeper : SweeperBase {
  std::uint32_t round = 0;
  std::uint32_t told = 0;     ///< partitions, over all rounds
  std::uint32_t missed = 0;   ///< partitions that had no place for the news or did not live
  std::uint32_t answers = 0;  ///< of this round
  std::uint32_t whole = 0;    ///< rounds in which all who were told have answered
  std::uint32_t dropped = 0;
  std::uint32_t told_now = 0;

  InitResult on_init(SweeperInit&&, Context&) { return ok(); }
  Effect on_sweep(const tina::Fired&, Context& ctx) {
    ++round;
    answers = 0;
    const tina::BroadcastResult result =
        ctx.broadcast<Store>(Store::Compact{.round = round, .whom = ctx.self()});
    told_now = result.queued;
    told += result.queued;
    missed += result.full + result.dead + result.ring_full;
    return receive();
  }
  Effect on_sweeping_compacted(const Sweeping::Compacted& report, Context&) {
    dropped += report.dropped;
    if (report.round == round && ++answers == told_now) ++whole;
    return receive();
  }
  Effect on_sys_shutdown(const sys::Shutdown&, Context& ctx) {
    ctx.log(tina::Level::kInfo, "swept", tina::Field{"rounds", round}, tina::Field{"told", told},
            tina::Field{"missed", missed}, tina::Field{"dropped", dropped});
    return done();
  }
};

}  // namespace kv_store
