// SPDX-License-Identifier: Apache-2.0
// The simulated resolver: names and their addresses as the scenario's peers say, answered after a
// latency and with the faults that the chooser draws. Invariants: every resolve that was started
// completes exactly once; an answer is what the names are when it arrives, and is written then.
// Simulation's thread.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/chooser.h"
#include "sim/clock.h"
#include "sim/trace.h"
#include "src/os_backend.h"

namespace tina::sim {

class NetworkUser;

/// How often what happens.
struct NameFaults {
  Ratio error = 50;  ///< resolves that end in an error, or get no answer
  Ratio change = 4;  ///< answers with another order, and of several addresses not all
  std::uint64_t delay_low_ns = 0, delay_high_ns = 0;  ///< added to each resolve
};

class Names {
 public:
  Names(Clock& clock, Chooser& chooser, Trace& trace, NetworkUser& user, const NameFaults& faults)
      : clock_(clock), chooser_(chooser), trace_(trace), user_(user), faults_(faults) {}

  /// From now on a name has these addresses; with none it exists without any.
  void set(std::string_view name, std::vector<net::Address> addresses);
  /// From now on there is no such name.
  void forget(std::string_view name) { table_.erase(lower(name)); }
  /// From now on what is asked about a name ends in an errno, and takes as long as that does.
  void fail(std::string_view name, std::int32_t error) { failing_[lower(name)] = error; }

  void start(unsigned shard, const internal::Operation& operation);
  /// False: no resolve is under way under this token.
  bool cancel(unsigned shard, internal::Token token);
  /// Carries out kName.
  void happen(const Event& event);

  std::uint64_t in_flight() const { return by_token_.size(); }
  std::uint64_t resolves() const { return queries_.size(); }
  std::uint64_t errors() const { return errors_; }

 private:
  struct Query {
    unsigned shard;
    internal::Token token;
    internal::ResolveOperand* operand;
    std::int32_t failure = 0;  ///< drawn
    bool cancelled = false;
    std::uint64_t serial = 0;  ///< of the event that ends it; 0: it has ended
  };

  static std::string lower(std::string_view name);
  std::int32_t answer(std::uint32_t number);
  void change(std::uint32_t number, std::vector<net::Address>& addresses);
  void end(std::uint32_t number, std::uint64_t delay_ns);

  Clock& clock_;
  Chooser& chooser_;
  Trace& trace_;
  NetworkUser& user_;
  NameFaults faults_;
  std::map<std::string, std::vector<net::Address>> table_;
  std::map<std::string, std::int32_t> failing_;
  std::deque<Query> queries_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_token_;  ///< looked up only, never walked
  std::uint64_t serial_ = 0;
  std::uint64_t errors_ = 0;
};

}  // namespace tina::sim
