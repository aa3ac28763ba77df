// SPDX-License-Identifier: Apache-2.0
// The simulated platform of one shard (see Platform in src/shard.h): virtual time, and a backend
// whose operations go to the simulated network and disk. Invariant: completions reach the shard in
// the order in which those made them. Simulation's thread.
#pragma once

#include <deque>
#include <vector>

#include "sim/clock.h"
#include "sim/closed_clock.h"
#include "sim/files.h"
#include "sim/network.h"
#include "src/shard.h"

namespace tina::sim {

class SimPlatform {
 public:
  /// `real` is the real clock, which a handler may have left closed: what allocates opens it first.
  /// `files`: null if the system has none.
  SimPlatform(const Clock& clock, Network& network, Files* files, ClosedClock& real, unsigned shard)
      : clock_(&clock), network_(&network), files_(files), real_(&real), shard_(shard) {
    requests_.reserve(kRequestsReserved);
  }

  static const internal::BackendCalls& calls();

  /// The time of this pass, and what its calls have cost so far.
  std::uint64_t now_ns() const { return clock_->now_ns() + calls_ * call_ns_; }
  void begin_pass(std::uint64_t call_ns) {
    calls_ = 0;
    call_ns_ = call_ns;
  }
  /// A handler is called.
  void called() { ++calls_; }
  std::uint64_t calls_made() const { return calls_; }

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
  /// Hands network and disk what the pass has started and cancelled, in that order, as io_uring
  /// would get it; what ends or opens a socket has reached it before.
  void submit();

  void arrive(internal::Token token, std::int32_t value) { arrived_.push_back({token, value}); }

 private:
  struct Completion {
    internal::Token token;
    std::int32_t value;
  };
  struct Request {
    internal::Operation operation;
    bool cancel;
  };
  static constexpr std::size_t kRequestsReserved = 4096;

  void request(const Request& request) {
    if (requests_.size() == requests_.capacity()) real_->open();
    requests_.push_back(request);
  }
  /// The platform, for a call that goes to the network at once.
  static SimPlatform& enter(void* backend) {
    auto& self = *static_cast<SimPlatform*>(backend);
    self.real_->open();
    return self;
  }

  const Clock* clock_;
  Network* network_;
  Files* files_;
  ClosedClock* real_;
  unsigned shard_;
  std::uint64_t calls_ = 0;
  std::uint64_t call_ns_ = 0;
  std::vector<Request> requests_;
  std::deque<Completion> arrived_;
};
static_assert(internal::Platform<SimPlatform>);

}  // namespace tina::sim
