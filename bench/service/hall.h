// SPDX-License-Identifier: Apache-2.0
// The hall of the service benchmark: one session for all clients. Shard's thread.
#pragma once

#include "service.tina.h"
#include "session.h"

namespace service {

struct Hall : HallBase {
  std::uint64_t sum = 0;

  InitResult on_init(HallInit&&, Context&) { return ok(); }

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
