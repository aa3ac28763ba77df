// SPDX-License-Identifier: Apache-2.0
// A culprit: its handlers do not return, or not soon. Shard's thread.
#pragma once

#include <poll.h>
#include <pthread.h>
#include <time.h>

#include <cstdlib>

#include "endless.tina.h"

namespace endless {

/// What outlives its incarnations.
struct Record {
  std::uint64_t inits = 0;
  volatile std::uint64_t counted = 0;
};
inline Record record;

struct Culprit : CulpritBase {
  Deed deed = Deed::LOOP;

  InitResult on_init(CulpritInit&& init, Context&) {
    deed = static_cast<Deed>(init.deed);
    // The first starts, and each second one after it does.
    if (deed == Deed::INIT && record.inits++ % 2 == 1) compute();
    return ok();
  }
  Answer<Ask::Whether> on_ask_whether(const Ask::Whether& ask, Context&) {
    return reply(Ask::Whether::Result{.number = ask.number});
  }
  Effect on_early(const tina::Fired&, Context&) { return crash("too early"); }
  Effect on_late(const tina::Fired&, Context&) { return crash("too late"); }
  Effect on_act(const Act&, Context& ctx) {
    switch (deed) {
      case Deed::LOOP:
        compute();
      case Deed::SEND:
        send_all(ctx);
      case Deed::ALLOCATE:
        allocate();
      case Deed::INIT:
        return crash("now in init");
      case Deed::SLOW:
        go_on(CLOCK_THREAD_CPUTIME_ID, 60'000'000);
        break;
      case Deed::BLOCK:
        go_on(CLOCK_MONOTONIC, 1'600'000'000);
        break;
      case Deed::STUCK:
        take_twice();
        break;
      case Deed::LEAVE:
        try {
          throw deed;
        } catch (Deed) {
          compute();
        }
      case Deed::ARM:
        arm(ctx);
      case Deed::TAKE:
        take(ctx);
    }
    return receive();
  }

 private:
  [[noreturn]] static void compute() {
    for (;;) record.counted = record.counted + 1;
  }
  [[noreturn]] static void send_all(Context& ctx) {
    for (std::uint64_t number = 0;; ++number) {
      const auto sent = ctx.send(ctx.child<Root::reader>(), Note{.number = number});
      record.counted = record.counted + (sent == tina::SendResult::kQueued ? 1 : 0);
    }
  }
  [[noreturn]] static void arm(Context& ctx) {
    for (std::uint64_t i = 0;; ++i) {
      ctx.early.arm(
          tina::Duration{3'600'000'000'000 + static_cast<std::int64_t>(i % 64) * 1'000'000});
      ctx.late.arm(
          tina::Duration{3'700'000'000'000 - static_cast<std::int64_t>(i % 32) * 1'000'000});
      if (i % 2 == 0) ctx.early.cancel();
    }
  }
  [[noreturn]] static void take(Context& ctx) {
    for (;;) {
      tina::Blob<64> one = ctx.blob<64>();
      tina::Blob<64> other = ctx.blob<64>();
      ctx.give_back(std::move(one));
      ctx.give_back(std::move(other));
    }
  }
  [[noreturn]] static void allocate() {
    for (;;) {
      void* volatile memory = std::malloc(64 + record.counted % 1000);
      record.counted = record.counted + 1;
      std::free(memory);
    }
  }
  /// Until so long has passed on a clock: computes, or waits where that takes time, too.
  static void go_on(clockid_t clock, std::uint64_t ns) {
    const std::uint64_t begin_ns = now_ns(clock);
    while (now_ns(clock) - begin_ns < ns) {
      if (clock == CLOCK_MONOTONIC) ::poll(nullptr, 0, 5);
    }
  }
  static std::uint64_t now_ns(clockid_t clock) {
    timespec now{};
    ::clock_gettime(clock, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
           static_cast<std::uint64_t>(now.tv_nsec);
  }
  static void take_twice() {
    pthread_spinlock_t lock{};
    ::pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
    ::pthread_spin_lock(&lock);
    ::pthread_spin_lock(&lock);
  }
};

}  // namespace endless
