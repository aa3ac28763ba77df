// SPDX-License-Identifier: Apache-2.0
// What the handlers of the fair system share: how often each has run, and what a call costs.
#pragma once

#include <array>
#include <cstdint>

#include "fair.tina.h"

namespace fair {

struct Counts {
  std::array<std::uint64_t, 2> light, heavy, insisted, insistent_steps;
  std::array<std::uint64_t, 3> clerk_steps;
  std::uint64_t yields, yielder_steps, bells, steps_at_bell, doomed_steps, in_order, out_of_order,
      downs, inits, queued, full;
};
/// Of this shard, where shards have threads.
inline thread_local Counts counts{};
/// The test's clock, if it has one, and what each message costs on it.
inline std::uint64_t* clock_ns = nullptr;
inline std::uint64_t cost_ns = 0;

inline void spend() {
  if (clock_ns != nullptr) *clock_ns += cost_ns;
}

/// Passes before and after these times do not count.
inline std::uint64_t from_ns = 0;
inline std::uint64_t until_ns = ~std::uint64_t{0};

inline void count(std::uint64_t& what, tina::Instant now) {
  if (now.ns >= from_ns && now.ns < until_ns) ++what;
}

/// Sends that find no place are the sender's own business here.
inline void drop(tina::SendResult) {}

}  // namespace fair
