// SPDX-License-Identifier: Apache-2.0
// Calls, tokens, events and monitors in simulation, on two shards and with crashes injected: one
// seed is one history, every call has its end, and every promise is kept.
#include <gtest/gtest.h>

#include "account.h"
#include "auditor.h"
#include "bank.system.h"
#include "sim/simulator.h"
#include "strict.system.h"
#include "teller.h"

namespace tina::sim {
namespace {

TEST(CallsSimulation, IsTheSameForTheSameSeedAndLosesNoCall) {
  std::uint64_t before = 0;
  bank::replies = bank::failures = bank::downs = bank::moves = 0;
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    WorldOptions options;
    options.seed = seed;
    options.alone_ns = 2'000'000'000;
    const bank::Config config{};
    const Verdict verdict = run_twice(bank::bank::kSystem, &config, options);
    EXPECT_TRUE(verdict.ok()) << "seed " << seed << ": " << verdict.divergence
                              << (verdict.outcome.failures.empty() ? ""
                                                                   : verdict.outcome.failures[0]);
    EXPECT_GT(verdict.outcome.trace_size, 1000u);
    EXPECT_GT(verdict.outcome.crashes_injected, 0u);
    EXPECT_EQ(verdict.outcome.crashes_own, 0u);
    EXPECT_NE(verdict.outcome.trace_hash, before);
    before = verdict.outcome.trace_hash;
  }
  EXPECT_GT(bank::replies, 5'000u);
  EXPECT_GT(bank::failures, 10u);
  EXPECT_GT(bank::downs, 5u);
  EXPECT_GT(bank::moves, 1'000u);
}

/// Shard 1 has a memory fault when its account has made so many payments, one every 2 ms.
Verdict with_faults(std::uint64_t seed, std::uint64_t payments) {
  bank::fault_every = payments;
  WorldOptions options;
  options.seed = seed;
  options.alone_ns = 2'000'000'000;
  const bank::Config config{};
  Verdict verdict = run_twice(bank::strict::kSystem, &config, options);
  bank::fault_every = 0;
  return verdict;
}

TEST(CallsSimulation, GoesOnWhenAShardIsRestarted) {
  bank::restarts = bank::quarantines = bank::replies = 0;
  for (std::uint64_t seed = 0; seed < 4; ++seed) {
    const Verdict verdict = with_faults(seed, 150);
    EXPECT_TRUE(verdict.ok()) << "seed " << seed << ": " << verdict.divergence
                              << (verdict.outcome.failures.empty() ? ""
                                                                   : verdict.outcome.failures[0]);
  }
  EXPECT_GE(bank::restarts, 4u);
  EXPECT_EQ(bank::quarantines, 0u);
  EXPECT_GT(bank::replies, 2'000u);
}

TEST(CallsSimulation, HearsOfAShardThatIsQuarantined) {
  bank::restarts = bank::quarantines = 0;
  for (std::uint64_t seed = 0; seed < 64; ++seed) {
    const Verdict verdict = with_faults(seed, 20);
    EXPECT_EQ(verdict.outcome.failures, std::vector<std::string>{"shard 1 gave up"});
  }
  EXPECT_GE(bank::restarts, 64u);
  EXPECT_GE(bank::quarantines, 1u) << "the run ends with that failure, so few have the time";
}

}  // namespace
}  // namespace tina::sim
