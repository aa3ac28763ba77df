// SPDX-License-Identifier: Apache-2.0
// The starter of the timer benchmark. A cancel and arm costs what visits with it cost more than
// visits without it, in the middle one of many short turns of one run. A pass lasts from its time
// to the next pass's, since the starter runs in each. Shard's thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

#include "reading.h"
#include "timers.tina.h"

namespace timers {

struct Starter : StarterBase {
  enum Mode : std::uint32_t { kVisit, kFire, kPass, kBurst };
  static constexpr std::uint32_t kHops = 20;      ///< of each visit in a turn
  static constexpr std::uint32_t kTurnsMax = 64;  ///< of each kind
  static constexpr std::uint64_t kLongNs = 200'000;

  std::uint64_t begin_ns = 0;  ///< of the thread: others that share the processor do not count
  /// Of each turn, without and with the timers.
  std::array<std::array<std::uint64_t, kTurnsMax>, 2> elapsed_ns{};
  std::uint64_t fired = 0, alarms = 0;
  std::uint64_t worst_ns = 0, worst_cpu_ns = 0, passes = 0, long_passes = 0;
  std::uint64_t last_ns = 0, last_cpu_ns = 0;
  std::uint32_t mode = 0, holders = 0, turns = 0, turn = 0, ended = 0, measure_ms = 0;
  bool measuring = false;
  std::array<tina::Ref<Holder>, VISITED> visited{};

  InitResult on_init(StarterInit&& init, Context& ctx) {
    mode = init.mode;
    holders = std::min(init.timers, init.mode == kVisit ? VISITED : HOLDERS);
    turns = std::min(init.turns, 2 * kTurnsMax);
    alarms = init.alarms;
    measure_ms = init.ms;
    for (std::uint32_t i = 0; i < holders; ++i) {
      const auto spawned = ctx.spawn({.starter = ctx.self(), .number = i, .mode = mode});
      if (!spawned.ok()) return crash("no slot for a holder");
      if (i < VISITED) visited[i] = spawned.ref;
    }
    if (mode == kVisit && !link(ctx)) return crash("link refused");
    ctx.phase.arm(std::chrono::milliseconds(init.settle));
    return ok();
  }

  Effect on_phase(const tina::Fired&, Context& ctx) {
    if (mode == kVisit) return visit(ctx) ? Effect(receive()) : crash("visit refused");
    if (measuring) return finish();
    measuring = true;
    begin_ns = cpu_ns();
    fired = 0;
    if (mode == kFire) return receive();
    ctx.phase.arm(std::chrono::milliseconds(measure_ms));
    last_ns = ctx.now().ns;
    last_cpu_ns = begin_ns;
    return yield();
  }

  Effect on_ended(const Ended& end, Context& ctx) {
    if (++ended < holders / 2) return receive();
    ended = 0;
    elapsed_ns[end.rearmed][turn / 2] = cpu_ns() - begin_ns;
    if (++turn < turns) return visit(ctx) ? Effect(receive()) : crash("visit refused");
    const double plain = visit_ns(elapsed_ns[0]);
    const double rearmed = visit_ns(elapsed_ns[1]);
    bench::tell("{\"bench\": \"timer_arm\", \"timers\": %u, \"ns\": %.3f, \"visit_ns\": %.3f}\n",
                holders, rearmed - plain, plain);
    return done();
  }

  Effect on_fires(const Fires& fires, Context&) {
    fired += fires.count;
    return measuring && fired >= alarms ? finish() : Effect(receive());
  }

  Effect on_sys_yielded(const sys::Yielded&, Context& ctx) {
    const std::uint64_t now = ctx.now().ns;
    const std::uint64_t cpu = cpu_ns();
    worst_ns = std::max(worst_ns, now - last_ns);
    worst_cpu_ns = std::max(worst_cpu_ns, cpu - last_cpu_ns);
    ++passes;
    if (cpu - last_cpu_ns > kLongNs) ++long_passes;
    last_ns = now;
    last_cpu_ns = cpu;
    return yield();
  }

 private:
  static std::uint64_t cpu_ns() { return bench::read_clock(CLOCK_THREAD_CPUTIME_ID); }

  /// What a visit took in the middle one of the turns but the first, which only warms up. A turn
  /// that shared its caches or its processor does not count.
  double visit_ns(std::array<std::uint64_t, kTurnsMax>& taken) const {
    const std::span<std::uint64_t> counted = std::span(taken).subspan(1, turns / 2 - 1);
    const auto middle = counted.begin() + static_cast<std::ptrdiff_t>(counted.size() / 2);
    std::nth_element(counted.begin(), middle, counted.end());
    return static_cast<double>(*middle) / (static_cast<double>(holders / 2) * (kHops + 1));
  }

  bool link(Context& ctx) {
    std::uint64_t random = 42;
    for (std::uint32_t i = holders - 1; i > 0; --i) {
      std::swap(visited[i], visited[bench::next_random(random, i + 1)]);
    }
    for (std::uint32_t i = 0; i < holders; ++i) {
      const Link to{.next = visited[(i + 1) % holders]};
      if (ctx.send(visited[i], to) != tina::SendResult::kQueued) return false;
    }
    return true;
  }

  /// Starts a visit at every second holder; every second turn cancels and arms.
  bool visit(Context& ctx) {
    begin_ns = cpu_ns();
    for (std::uint32_t i = 0; i < holders; i += 2) {
      const Visit first{.left = kHops, .rearm = turn % 2 == 1};
      if (ctx.send(visited[i], first) != tina::SendResult::kQueued) return false;
    }
    return true;
  }

  Effect finish() {
    const auto elapsed = static_cast<double>(cpu_ns() - begin_ns);
    if (mode == kFire) {
      bench::tell("{\"bench\": \"timer_fire\", \"timers\": %u, \"ns\": %.3f, \"fired\": %llu}\n",
                  holders, elapsed / static_cast<double>(fired),
                  static_cast<unsigned long long>(fired));
    } else {
      bench::tell(
          "{\"bench\": \"timer_pass\", \"timers\": %u, \"worst_us\": %.3f, \"worst_cpu_us\": %.3f, "
          "\"passes\": %llu, \"long_percent\": %.4f, \"mean_us\": %.3f}\n",
          holders, static_cast<double>(worst_ns) / 1e3, static_cast<double>(worst_cpu_ns) / 1e3,
          static_cast<unsigned long long>(passes),
          100 * static_cast<double>(long_passes) / static_cast<double>(passes),
          elapsed / 1e3 / static_cast<double>(passes));
    }
    return done();
  }
};

}  // namespace timers
