// SPDX-License-Identifier: Apache-2.0
// The simulated platform of one shard (see Platform in src/shard.h): virtual time, and a backend
// whose operations go to the simulated network. Invariant: completions reach the shard in the order
// in which the network made them. Simulation's thread.
#pragma once

#include <deque>

#include "sim/clock.h"
#include "sim/network.h"
#include "src/shard.h"

namespace tina::sim {

class SimPlatform {
 public:
  SimPlatform(const Clock& clock, Network& network, unsigned shard)
      : clock_(&clock), network_(&network), shard_(shard) {}

  static const internal::BackendCalls& calls();

  std::uint64_t now_ns() const { return clock_->now_ns(); }

  /// Hands at most `limit` completions to `completed(Token, value)`; returns how many.
  template <class Completed>
  std::uint32_t collect(std::uint32_t limit, Completed&& completed) {
    std::uint32_t handed = 0;
    for (; handed < limit && !arrived_.empty(); ++handed) {
      const Completion next = arrived_.front();
      arrived_.pop_front();
      completed(next.token, next.value);
    }
    return handed;
  }
  /// Operations are the network's as soon as they are started.
  void submit() {}

  void arrive(internal::Token token, std::int32_t value) { arrived_.push_back({token, value}); }

 private:
  struct Completion {
    internal::Token token;
    std::int32_t value;
  };

  const Clock* clock_;
  Network* network_;
  unsigned shard_;
  std::deque<Completion> arrived_;
};
static_assert(internal::Platform<SimPlatform>);

}  // namespace tina::sim
