// SPDX-License-Identifier: Apache-2.0
// Handlers of narrow.tina's Source: what one burst finds room for is what the channel holds.
#pragma once

#include "narrow.tina.h"

namespace narrow {

struct Source : SourceBase {
  std::uint32_t bursts = 0;
  std::uint32_t queued = 0;
  std::uint32_t least = CAPACITY;  ///< of all bursts

  InitResult on_init(SourceInit&&, Context&) { return ok(); }
  Effect on_beat(const tina::Fired&, Context& ctx) {
    std::uint32_t fit = 0;
    for (std::uint32_t number = 0; number < 3 * CAPACITY; ++number) {
      const auto sink = ctx.child<back::BackRoot::sink>(tina::ShardId{1});
      fit += ctx.send(sink, Mark{.number = number}) == tina::SendResult::kQueued;
    }
    ++bursts;
    queued += fit;
    if (fit < least) least = fit;
    return receive();
  }
};

}  // namespace narrow
