// SPDX-License-Identifier: Apache-2.0
// The goal: a day in the building, over many seeds: everybody arrives, no cabin does what it must
// not (each would crash by itself), also while cabins and the building crash; one seed is one
// history.
#include <gtest/gtest.h>

#include "building.h"
#include "cabin.h"
#include "elevators.system.h"
#include "sim/simulator.h"

namespace elevator {
namespace {

using tina::sim::run_twice;
using tina::sim::Verdict;
using tina::sim::WorldOptions;

Verdict day(std::uint64_t seed, bool faults) {
  WorldOptions options;
  options.seed = seed;
  options.alone_ns = 3'000'000'000'000;
  options.crash_static = 5000;
  if (!faults) options.crash_dynamic = options.crash_static = 0;
  closed = {};
  const Config config{.rides = 60};
  return run_twice(elevators::kSystem, &config, options);
}

std::string why(const Verdict& verdict) {
  std::string text = verdict.divergence;
  for (const std::string& failure : verdict.outcome.failures) text += failure + "\n";
  for (const std::string& line : verdict.outcome.log) text += line + "\n";
  return text;
}

TEST(Elevator, EverybodyArrives) {
  const Verdict verdict = day(1, false);
  EXPECT_TRUE(verdict.ok()) << why(verdict);
  EXPECT_EQ(verdict.outcome.crashes_own, 0u) << why(verdict);
  EXPECT_EQ(closed.times, 2u) << "once in each of the two runs";
  EXPECT_EQ(closed.served, 60u);
  EXPECT_GT(closed.stops, 0u) << "some cabin was stopped on the way";
}

TEST(Elevator, EverybodyArrivesThoughCabinsCrash) {
  std::uint64_t injected = 0;
  for (std::uint64_t seed = 0; seed < 25; ++seed) {
    const Verdict verdict = day(seed, true);
    EXPECT_TRUE(verdict.ok()) << "seed " << seed << ": " << why(verdict);
    EXPECT_EQ(verdict.outcome.crashes_own, 0u) << "seed " << seed << ": " << why(verdict);
    EXPECT_GE(closed.times, 2u) << "seed " << seed;
    EXPECT_EQ(closed.served, 60u) << "seed " << seed;
    injected += verdict.outcome.crashes_injected;
  }
  EXPECT_GT(injected, 10u);
}

}  // namespace
}  // namespace elevator
