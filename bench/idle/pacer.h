// SPDX-License-Identifier: Apache-2.0
// The pacer of the idle benchmark. It either runs in each pass, so that a pass is all that there is
// to time, or rests while the processor time of the whole process is counted. Shard's thread.
#pragma once

#include <chrono>

#include "idle.tina.h"
#include "reading.h"

namespace idle {

struct Pacer : PacerBase {
  static constexpr std::chrono::milliseconds kSettle{300};

  std::uint64_t begin_ns = 0, begin_cpu_ns = 0;
  std::uint32_t isolates = 0, passes = 0, wanted = 0, measure_ms = 0;
  bool measuring = false;

  InitResult on_init(PacerInit&& init, Context& ctx) {
    isolates = init.plain + init.timed;
    wanted = init.passes;
    measure_ms = init.ms;
    for (std::uint32_t i = 0; i < init.plain; ++i) {
      if (!ctx.spawn(WaiterInit{}).ok()) return crash("no slot");
    }
    for (std::uint32_t i = 0; i < init.timed; ++i) {
      if (!ctx.spawn(NapperInit{}).ok()) return crash("no slot");
    }
    ctx.phase.arm(kSettle);
    return ok();
  }

  Effect on_phase(const tina::Fired&, Context& ctx) {
    const clockid_t clock = wanted > 0 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_PROCESS_CPUTIME_ID;
    const std::uint64_t cpu_ns = bench::read_clock(clock);
    if (measuring) return rested(cpu_ns);
    measuring = true;
    begin_ns = bench::read_clock();
    begin_cpu_ns = cpu_ns;
    if (wanted > 0) return yield();
    ctx.phase.arm(std::chrono::milliseconds(measure_ms));
    return receive();
  }

  Effect on_sys_yielded(const sys::Yielded&, Context&) {
    if (++passes < wanted) return yield();
    const std::uint64_t used_ns = bench::read_clock(CLOCK_THREAD_CPUTIME_ID) - begin_cpu_ns;
    bench::tell("{\"bench\": \"idle_pass\", \"isolates\": %u, \"ns\": %.3f}\n", isolates,
                static_cast<double>(used_ns) / wanted);
    return done();
  }

 private:
  Effect rested(std::uint64_t cpu_ns) {
    const auto used = static_cast<double>(cpu_ns - begin_cpu_ns);
    const auto elapsed = static_cast<double>(bench::read_clock() - begin_ns);
    bench::tell("{\"bench\": \"idle_cpu\", \"isolates\": %u, \"percent\": %.4f}\n", isolates,
                100 * used / elapsed);
    return done();
  }
};

}  // namespace idle
