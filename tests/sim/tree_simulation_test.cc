// SPDX-License-Identifier: Apache-2.0
// Trees of supervisors in simulation: crashes are injected all the time into children of three
// levels under three strategies; the trees stand it, and one seed is one history.
#include <gtest/gtest.h>

#include "busy_system.system.h"
#include "sim/simulator.h"

namespace tina::sim {
namespace {

TEST(TreeSimulation, StandsInjectedCrashesAndIsTheSameForTheSameSeed) {
  std::uint64_t before = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    WorldOptions options;
    options.seed = seed;
    options.alone_ns = 5'000'000'000;
    options.crash_static = 100;
    const tree::Config config;
    const Verdict verdict = run_twice(tree::busy_system::kSystem, &config, options);
    EXPECT_TRUE(verdict.ok()) << "seed " << seed << ": " << verdict.divergence;
    EXPECT_GT(verdict.outcome.crashes_injected, 50u);
    EXPECT_EQ(verdict.outcome.crashes_own, 0u);
    EXPECT_NE(verdict.outcome.trace_hash, before);
    before = verdict.outcome.trace_hash;
  }
}

}  // namespace
}  // namespace tina::sim
