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
#include "sim/name_service.h"
#include "sim/trace.h"
#include "src/os_backend.h"

namespace tina::sim {

class NetworkUser;

class Names final : public NameService {
 public:
  Names(Clock& clock, Chooser& chooser, Trace& trace, NetworkUser& user, const NameFaults& faults)
      : clock_(clock), chooser_(chooser), trace_(trace), user_(user), faults_(faults) {}

  void set(std::string_view name, std::vector<net::Address> addresses) override;
  void forget(std::string_view name) override { table_.erase(lower(name)); }
  void fail(std::string_view name, std::int32_t error) override { failing_[lower(name)] = error; }

  void start(unsigned shard, const internal::Operation& operation) override;
  bool cancel(unsigned shard, internal::Token token) override;
  void happen(const Event& event) override;

  std::uint64_t in_flight() const override { return by_token_.size(); }
  std::uint64_t resolves() const override { return queries_.size(); }
  std::uint64_t errors() const override { return errors_; }

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
