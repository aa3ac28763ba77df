// SPDX-License-Identifier: Apache-2.0
// What must hold of the channel and of what went through it.
#pragma once

#include "source.h"
#include "sum.h"
#include "tina/sim.h"

namespace narrow {

inline bool the_channel_holds_its_capacity(const tina::sim::View& world) {
  bool holds = true;
  world.each<Source>([&](const Source& source) { holds = holds && source.least == CAPACITY; });
  return holds;
}
inline bool all_that_is_queued_is_counted(const tina::sim::View& world) {
  std::uint32_t queued = 0;
  std::uint32_t sum = 0;
  world.each<Source>([&](const Source& source) { queued += source.queued; });
  world.each<Sum>([&](const Sum& each) { sum += each.sum; });
  return queued > 0 && sum == queued;
}

}  // namespace narrow
