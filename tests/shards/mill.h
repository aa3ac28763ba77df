// SPDX-License-Identifier: Apache-2.0
// Handlers of flood.tina's Mill: works on each job for a while, then answers.
#pragma once

#include "flood.tina.h"

namespace flood {

struct Mill : MillBase {
  std::uint64_t sum = 0;
  std::uint32_t work = 0;
  std::uint32_t fault = 0;
  std::uint32_t jobs = 0;
  std::uint32_t queued = 0;
  std::uint32_t lost = 0;  ///< answers that found no place

  InitResult on_init(MillInit&& init, Context& ctx) {
    work = init.work;
    fault = init.fault;
    if (init.part + 1 != tina::index(ctx.shard()) || init.index > 1) return crash("not my number");
    if (init.broken == init.part + 1) return crash("told not to start");
    return ok();
  }
  Effect on_job(const Job& job, Context& ctx) {
    if (++jobs == fault) *reinterpret_cast<volatile std::uint32_t*>(std::uintptr_t{jobs}) = 0;
    for (std::uint32_t i = 0; i < work; ++i) sum = sum * 6364136223846793005 + job.number;
    const auto result = ctx.send(job.from, Done{.number = job.number, .sum = sum});
    ++(result == tina::SendResult::kQueued ? queued : lost);
    return receive();
  }
  Effect on_sys_shutdown(const sys::Shutdown&, Context& ctx) {
    ctx.log(tina::Level::kInfo, "milled", tina::Field{"queued", queued}, tina::Field{"lost", lost});
    return done();
  }
};

}  // namespace flood
