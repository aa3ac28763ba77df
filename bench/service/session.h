// SPDX-License-Identifier: Apache-2.0
// A session of the service benchmark: the same arithmetic for a call and for what floods. Shard's
// thread.
#pragma once

#include "service.tina.h"

namespace service {

/// Arithmetic that nothing can shorten: about a nanosecond a round.
inline std::uint64_t grind_on(std::uint64_t sum, std::uint32_t rounds, std::uint64_t seed) {
  for (std::uint32_t i = 0; i < rounds; ++i) sum = sum * 6364136223846793005u + seed;
  return sum;
}

struct Session : SessionBase {
  std::uint64_t sum = 0;

  InitResult on_init(SessionInit&&, Context&) { return ok(); }

  Answer<Work::Grind> on_work_grind(const Work::Grind& grind, Context&) {
    sum = grind_on(sum, grind.rounds, grind.seed);
    return reply(Work::Grind::Result{.sum = sum});
  }
  Effect on_work_drop(const Work::Drop& drop, Context&) {
    sum = grind_on(sum, drop.rounds, drop.seed);
    return receive();
  }
};

}  // namespace service
