// SPDX-License-Identifier: Apache-2.0
// The goal: in simulation, too, types that always have messages share calls by their weights; the
// virtual cost of calls ends a pass as time does in production, and one seed is one history.
#include <gtest/gtest.h>

#include "clerk.h"
#include "doomed.h"
#include "fair.system.h"
#include "heavy.h"
#include "hoarder.h"
#include "insistent.h"
#include "light.h"
#include "neighbour.h"
#include "sim/simulator.h"
#include "yielder.h"

namespace tina::sim {
namespace {

using fair::counts;

Outcome flood(std::uint64_t call_ns, std::uint64_t time_ns) {
  counts = {};
  fair::from_ns = Clock::kStartNs + time_ns / 2;  // when all have started
  fair::until_ns = Clock::kStartNs + time_ns;     // before the first is stopped
  WorldOptions options;
  options.seed = 3;
  options.crash_dynamic = options.crash_static = 0;
  options.dispatch_ns = call_ns;
  options.alone_ns = time_ns;
  const fair::Config config{.run = true};
  const Verdict verdict = run_twice(fair::fair::kSystem, &config, options);
  EXPECT_TRUE(verdict.ok()) << verdict.divergence
                            << (verdict.outcome.failures.empty() ? ""
                                                                 : verdict.outcome.failures[0]);
  return verdict.outcome;
}

void shares_hold() {
  const std::uint64_t light = counts.light[0] + counts.light[1];
  const std::uint64_t heavy = counts.heavy[0] + counts.heavy[1];
  EXPECT_GT(light, 1'000u);
  EXPECT_EQ(heavy, 3 * light);
}

TEST(FairnessInSimulation, SharesFollowTheWeights) {
  flood(100, 20'000'000);
  shares_hold();
}

TEST(FairnessInSimulation, CostlyCallsShortenPasses) {
  const Outcome quick = flood(100, 20'000'000);
  const Outcome slow = flood(50'000, 200'000'000);
  shares_hold();
  EXPECT_GT(quick.dispatches / quick.passes, 4'000u);
  EXPECT_LT(slow.dispatches / slow.passes, 50u) << "about as many as fit into a millisecond";
}

}  // namespace
}  // namespace tina::sim
