// SPDX-License-Identifier: Apache-2.0
// A session of the service benchmark: the same arithmetic for a call and for what floods. Shard's
// thread.
#pragma once

#include "reading.h"
#include "service.tina.h"

namespace service {

/// Arithmetic that nothing can shorten: about a nanosecond a round.
inline std::uint64_t grind_on(std::uint64_t sum, std::uint32_t rounds, std::uint64_t seed) {
  for (std::uint32_t i = 0; i < rounds; ++i) sum = sum * 6364136223846793005u + seed;
  return sum;
}

/// Which clock says how long something took; set at boot.
inline bool in_processor_time = false;
inline std::uint64_t now_ns() {
  // As in bench/instructions/drive.cc, where a second has passed at boot.
  return in_processor_time ? 1'000'000'000 + bench::read_clock(CLOCK_THREAD_CPUTIME_ID)
                           : bench::read_clock();
}

/// What a session does, for one client or for all of them.
template <class Base>
struct Works : Base {
  using typename Base::Context;
  std::uint64_t sum = 0;

  typename Base::template Answer<Work::Grind> on_work_grind(const Work::Grind& grind, Context&) {
    sum = grind_on(sum, grind.rounds, grind.seed);
    return this->reply(Work::Grind::Result{.sum = sum});
  }
  typename Base::Effect on_work_drop(const Work::Drop& drop, Context&) {
    sum = grind_on(sum, drop.rounds, drop.seed);
    return this->receive();
  }
};

struct Session : Works<SessionBase> {
  InitResult on_init(SessionInit&&, Context&) { return ok(); }
};

}  // namespace service
