// SPDX-License-Identifier: Apache-2.0
// Machines whose states nest, in simulation: walkers that are driven through all their states, with
// crashes injected on the way; one seed is one history.
#include <gtest/gtest.h>

#include "nested.system.h"
#include "sim/simulator.h"

namespace tina::sim {
namespace {

TEST(NestedSimulation, IsTheSameForTheSameSeedAndAnotherForAnother) {
  std::uint64_t before = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    WorldOptions options;
    options.seed = seed;
    options.alone_ns = 2'000'000'000;
    const nested::Config config{.walkers = 3, .driving = true};
    const Verdict verdict = run_twice(nested::nested::kSystem, &config, options);
    EXPECT_TRUE(verdict.ok()) << "seed " << seed << ": " << verdict.divergence;
    EXPECT_GT(verdict.outcome.trace_size, 1000u);
    EXPECT_EQ(verdict.outcome.crashes_own, 0u);
    EXPECT_NE(verdict.outcome.trace_hash, before);
    before = verdict.outcome.trace_hash;
  }
}

}  // namespace
}  // namespace tina::sim
