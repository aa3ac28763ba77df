// SPDX-License-Identifier: Apache-2.0
// What the simulator asks of whoever answers resolvers (names.h), which only programs with
// resolvers have. Simulation's thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/chooser.h"
#include "sim/clock.h"
#include "src/os_backend.h"

namespace tina::sim {

/// How often what happens.
struct NameFaults {
  Ratio error = 50;  ///< resolves that end in an error, or get no answer
  Ratio change = 4;  ///< answers with another order, and of several addresses not all
  std::uint64_t delay_low_ns = 0, delay_high_ns = 0;  ///< added to each resolve
};

class NameService {
 public:
  virtual ~NameService() = default;
  /// From now on a name has these addresses; with none it exists without any.
  virtual void set(std::string_view name, std::vector<net::Address> addresses) = 0;
  /// From now on there is no such name.
  virtual void forget(std::string_view name) = 0;
  /// From now on what is asked about a name ends in an errno, and takes as long as that does.
  virtual void fail(std::string_view name, std::int32_t error) = 0;

  virtual void start(unsigned shard, const internal::Operation& operation) = 0;
  /// False: no resolve is under way under this token.
  virtual bool cancel(unsigned shard, internal::Token token) = 0;
  /// Carries out kName.
  virtual void happen(const Event& event) = 0;

  virtual std::uint64_t in_flight() const = 0;
  virtual std::uint64_t resolves() const = 0;
  virtual std::uint64_t errors() const = 0;
};

}  // namespace tina::sim
