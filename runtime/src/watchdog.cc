// SPDX-License-Identifier: Apache-2.0
// See watchdog.h.
#include "src/watchdog.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "src/os_clock.h"
#include "src/trap.h"

namespace tina::internal {
namespace {

// Ignored by nobody, used by hardly anybody, and debuggers pass it on without a stop.
constexpr int kTickSignal = SIGVTALRM;
constexpr std::uint64_t kPeriodMinNs = 100'000;
/// Until a handler is looked at again that could not be left. Not the same time each time, so that
/// it does not keep step with a loop.
constexpr std::uint64_t kRetryNs = 100'000;
constexpr std::uint64_t kRetrySpreadNs = 0xffff;

std::uint64_t cpu_ns() { return read_clock_ns(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace

int Watchdog::start(ShardParts& shard, const HandlerLimits& limits, void (*notify)(void*),
                    void* data) {
  TINA_ASSERT(!made_);
  shard_ = &shard;
  limits_ = limits;
  period_ns_ = std::max(std::min(limits.slow_ns, limits.limit_ns) / kLooksPerLimit, kPeriodMinNs);
  notify_ = notify;
  data_ = data;
  struct sigaction action{};
  action.sa_sigaction = on_tick;
  // SA_NODEFER: a jump out of the handler leaves nothing blocked.
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART;
  if (::sigaction(kTickSignal, &action, nullptr) != 0) return errno;
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = kTickSignal;
  event.sigev_value.sival_ptr = this;
  event._sigev_un._tid = ::gettid();
  if (::timer_create(CLOCK_MONOTONIC, &event, &timer_) != 0) return errno;
  made_ = true;
  return 0;
}

void Watchdog::stop() {
  if (!made_) return;
  made_ = false;
  ::timer_delete(timer_);
}

void Watchdog::arm(std::uint64_t delay_ns) {
  if (!made_) return;
  itimerspec next{};
  next.it_value.tv_sec = static_cast<std::time_t>(delay_ns / 1'000'000'000);
  next.it_value.tv_nsec = static_cast<long>(delay_ns % 1'000'000'000);
  ::timer_settime(timer_, 0, &next, nullptr);
}

void Watchdog::on_tick(int, siginfo_t* info, void* context) {
  if (info->si_code != SI_TIMER) return;  // somebody sent it
  const int before = errno;
  static_cast<Watchdog*>(info->si_value.sival_ptr)->tick(context);
  errno = before;
}

Watchdog::Call Watchdog::running() const {
  const RunningNow& now = shard_->running;
  const TypeCounters& count = shard_->types[now.other.type].count;
  return {shard_->counters.passes, count.delivered + count.results + count.downs + count.spawned,
          now.message, now.other};
}

void Watchdog::tick(const void* context) {
  if (!made_) return;
  if (resting_) {
    parked_ = true;
    interrupted_ = true;
    return;
  }
  const std::uint64_t wall_ns = monotonic_ns();
  const std::uint64_t used_ns = cpu_ns();
  const Call now = running();
  if (!now.same(seen_)) {
    seen_ = now;
    since_ns_ = wall_ns;
    since_cpu_ns_ = used_ns;
    told_ = false;
    return arm(period_ns_);
  }
  const Interrupted at = interrupted_at(context);
  const std::uint64_t took_ns = used_ns - since_cpu_ns_;
  if (at.in_handler && !told_ && wall_ns - since_ns_ >= limits_.slow_ns) {
    told_ = true;
    report({wall_ns, wall_ns - since_ns_, took_ns, at.own_text ? at.program_counter : 0});
  }
  if (took_ns < limits_.limit_ns) return arm(period_ns_);
  if (at.in_handler && at.own_text) {
    seen_ = Call{};
    ++shard_->counters.handlers_endless;
    arm(period_ns_);
    leave_handler("a handler that does not return", at.program_counter, wall_ns);
  }
  if (took_ns >= limits_.limit_ns + std::max(limits_.limit_ns, kGraceMinNs)) {
    emergency(at.in_handler ? "a handler does not return from a library"
                            : "a handler does not return from the runtime",
              at.program_counter, kTickSignal);
  }
  arm(kRetryNs + (used_ns & kRetrySpreadNs));
}

void Watchdog::report(const SlowHandler& slow) {
  set_phase(*shard_, Phase::kRuntime);
  report_slow(*shard_, slow);
  set_phase(*shard_, Phase::kHandler);
  notify_(data_);
}

}  // namespace tina::internal
