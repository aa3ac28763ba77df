// SPDX-License-Identifier: Apache-2.0
// The handlers of the probe system.
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <chrono>

#include "feeder.h"
#include "worker.h"

namespace probe {
namespace {

std::uint64_t scramble(std::uint64_t value) {
  value = (value ^ (value >> 31)) * 0x7fb5d329728ea185;
  return value ^ (value >> 27);
}

std::uint64_t system_call_ns() {
  timespec now{};
  ::syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec);
}

/// A number that no seed decides, or 0.
std::uint64_t leak(Plant plant, const void* self) {
  static std::uint64_t calls = 0;
  switch (plant) {
    case Plant::kNothing:
      return 0;
    case Plant::kSteadyClock:
      return static_cast<std::uint64_t>(
          std::chrono::steady_clock::now().time_since_epoch().count());
    case Plant::kTimeStampCounter:
#if defined(__x86_64__)
      return __builtin_ia32_rdtsc();
#else
      return 0;
#endif
    case Plant::kClockSystemCall:
      return system_call_ns();
    case Plant::kAddress:
      return reinterpret_cast<std::uintptr_t>(self);
    case Plant::kStaticCounter:
      return ++calls;
  }
  return 0;
}

}  // namespace

Feeder::InitResult Feeder::on_init(FeederInit&& init, Context&) {
  plant = init.plant;
  return ok();
}

Feeder::Entry<Feeder::Feeding> Feeder::on_enter(in<Feeding>, Context& ctx) {
  for (tina::Ref<Worker>& worker : workers) {
    const Job job{.number = sent, .from = ctx.self()};
    if (ctx.send(worker, job) == tina::SendResult::kQueued) {
      ++sent;
    } else if (const auto spawned = ctx.spawn({.plant = plant}); spawned.ok()) {
      worker = spawned.ref;
    }
  }
  const auto other = static_cast<tina::ShardId>(1 - tina::index(ctx.shard()));
  const tina::Ref<Worker> far{tina::Handle::make(other, 0, 1)};
  const Job job{.number = sent, .from = ctx.self()};
  if (ctx.send(far, job) == tina::SendResult::kQueued) ++sent;
  return start();
}

Feeder::Then<Feeder::Stay<Feeder::Machine>> Feeder::on_done(in<Machine>, const Done&, Context&) {
  ++answered;
  return stay();
}

Worker::InitResult Worker::on_init(WorkerInit&& init, Context&) {
  plant = static_cast<Plant>(init.plant);
  return ok();
}

Worker::Effect Worker::on_job(const Job& job, Context& ctx) {
  // What leaks decides how often it answers: a difference that shows in who runs when.
  // Anew for each job, so that what differs cannot come to the same throughout.
  const std::uint64_t answers = 1 + scramble(leak(plant, this) + job.number) % 4;
  for (std::uint64_t i = 0; i < answers; ++i) {
    if (ctx.send(job.from, Done{.number = job.number}) != tina::SendResult::kQueued) break;
  }
  return receive();
}

}  // namespace probe
