// SPDX-License-Identifier: Apache-2.0
// What must hold of the dispatcher at every moment, or be seen at some.
#pragma once

#include "dispatcher.h"
#include "tina/sim.h"
#include "worker.h"

namespace tasks {

/// Each job that a dispatcher has taken has ended, waits, or is with exactly one worker.
inline bool nothing_is_lost(const tina::sim::View& world) {
  bool closed = true;
  world.each<Dispatcher>([&](const Dispatcher& one) {
    const std::uint64_t ended = one.done_jobs + one.crashed + one.timed_out;
    const std::uint64_t under_way = one.waiting.size() + one.count(Dispatcher::Seat::kBusy);
    closed = closed && one.taken == ended + under_way &&
             one.unused.size() + under_way == one.jobs.size();
  });
  return closed;
}

/// Jobs that have crashed although their number is not deadly, in this run.
inline std::uint64_t unlucky = 0;
inline bool only_those_die(const tina::sim::View&) { return unlucky == 0; }

inline bool a_worker_dies(const tina::sim::View& world) { return world.crashed<Worker>() > 0; }

}  // namespace tasks
