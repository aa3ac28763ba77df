// SPDX-License-Identifier: Apache-2.0
// Whole systems in simulation: one seed is one history, correct systems stay clean under faults,
// and planted bugs (a clock, an address, static data, a lost byte) are caught and named.
#include "sim/simulator.h"

#include <gtest/gtest.h>

#include "echo_server.system.h"
#include "probe.system.h"
#include "sim/closed_clock.h"

namespace tina::sim {
namespace {

using probe::Plant;

const internal::SystemTable& kProbe = probe::probe::kSystem;
const internal::SystemTable& kEcho = echo::echo_server::kSystem;
const echo::Config kEchoConfig{.port = 9000};

WorldOptions with_seed(std::uint64_t seed) {
  WorldOptions options;
  options.seed = seed;
  return options;
}

WorldOptions echo_with_seed(std::uint64_t seed) {
  WorldOptions options = with_seed(seed);
  options.peers = tina_simulated_peers;
  return options;
}

Verdict run_probe(Plant plant, std::uint64_t seed = 1) {
  const probe::Config config{.plant = static_cast<std::uint32_t>(plant)};
  return run_twice(kProbe, &config, with_seed(seed));
}

std::string why(const Verdict& verdict) {
  std::string text = verdict.divergence;
  for (const std::string& failure : verdict.outcome.failures) text += failure + "\n";
  return text;
}

bool clock_can_be_closed() { return ClosedClock().works(); }

TEST(Simulation, IsTheSameForTheSameSeedAndAnotherForAnother) {
  const Verdict first = run_probe(Plant::kNothing, 1);
  const Verdict again = run_probe(Plant::kNothing, 1);
  const Verdict other = run_probe(Plant::kNothing, 2);
  EXPECT_TRUE(first.ok()) << why(first);
  EXPECT_EQ(first.outcome.trace_hash, again.outcome.trace_hash);
  EXPECT_EQ(first.outcome.trace_size, again.outcome.trace_size);
  EXPECT_NE(first.outcome.trace_hash, other.outcome.trace_hash);
}

TEST(Simulation, KeepsACorrectSystemCleanOverFiftySeeds) {
  std::uint64_t crashes = 0;
  std::uint64_t restarts = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const probe::Config config{.plant = 0};
    WorldOptions options = with_seed(seed);
    options.crash_dynamic = 200;
    const Verdict verdict = run_twice(kProbe, &config, options);
    ASSERT_TRUE(verdict.ok()) << "seed " << seed << ": " << why(verdict);
    EXPECT_GT(verdict.outcome.delivered, 50U) << "seed " << seed;
    crashes += verdict.outcome.crashes_injected;
    restarts += verdict.outcome.restarts;
  }
  EXPECT_GT(crashes, 100U);
  EXPECT_GT(restarts, 5U) << "static children crash too";
}

TEST(Simulation, KeepsTheEchoServerByteExactUnderFaults) {
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    const Verdict verdict = run_twice(kEcho, &kEchoConfig, echo_with_seed(seed));
    ASSERT_TRUE(verdict.ok()) << "seed " << seed << ": " << why(verdict);
    EXPECT_GT(verdict.outcome.verified, 1'000'000U);
    EXPECT_GT(verdict.outcome.network.short_reads, 100U);
    EXPECT_GE(verdict.outcome.crashes_own, 4U) << "poison";
    EXPECT_GE(verdict.outcome.restarts, 1U) << "the poisoned listener";
  }
}

TEST(Simulation, UsesTwoShardsWhereTheSpecSaysAuto) {
  const Verdict verdict = run_twice(kEcho, &kEchoConfig, with_seed(1));
  EXPECT_TRUE(verdict.ok()) << why(verdict);
  EXPECT_EQ(verdict.outcome.shards, 2U);
  EXPECT_EQ(verdict.outcome.peers, 0U);
}

TEST(Simulation, CatchesAReadOfTheSteadyClockInAHandler) {
  if (!clock_can_be_closed()) GTEST_SKIP() << "the time stamp counter cannot be closed here";
  const Verdict verdict = run_probe(Plant::kSteadyClock);
  ASSERT_EQ(verdict.outcome.failures.size(), 1U) << why(verdict);
  EXPECT_NE(why(verdict).find("in state Worker, message Job: read the real clock in simulation"),
            std::string::npos)
      << why(verdict);
}

TEST(Simulation, CatchesAReadOfTheTimeStampCounterInAHandler) {
  if (!clock_can_be_closed()) GTEST_SKIP() << "the time stamp counter cannot be closed here";
  EXPECT_NE(why(run_probe(Plant::kTimeStampCounter)).find("read the real clock in simulation"),
            std::string::npos);
}

TEST(Simulation, CatchesAClockThatCannotBeClosedByComparingTwoRuns) {
  const Verdict verdict = run_probe(Plant::kClockSystemCall);
  EXPECT_NE(verdict.divergence.find("was, in the first run: "), std::string::npos) << why(verdict);
}

TEST(Simulation, CatchesADecisionByAnAddressByComparingTwoRuns) {
  const Verdict verdict = run_probe(Plant::kAddress);
  EXPECT_NE(verdict.divergence.find("was, in the first run: "), std::string::npos) << why(verdict);
}

TEST(Simulation, CatchesStaticDataThatSurvivesARunByComparingTwoRuns) {
  const Verdict verdict = run_probe(Plant::kStaticCounter);
  EXPECT_NE(verdict.divergence.find("dispatch at "), std::string::npos) << why(verdict);
}

TEST(Simulation, OpensTheClockAgainAfterARun) {
  run_probe(Plant::kNothing);
  EXPECT_GT(std::chrono::steady_clock::now().time_since_epoch().count(), 0);
}

TEST(Simulation, CatchesALostByteByTheClientsOwnCheck) {
  WorldOptions options = echo_with_seed(1);
  options.network.lost_byte = 50'000;
  const Verdict verdict = run_twice(kEcho, &kEchoConfig, options);
  EXPECT_NE(why(verdict).find("a byte came back changed"), std::string::npos) << why(verdict);
}

TEST(Simulation, CatchesAPeerThatNeverComesToAnEnd) {
  struct Silent final : Peer {
    void on_start() override { connect(9000); }
    void on_connected() override { expect_end(); }
  };
  WorldOptions options = with_seed(1);
  options.peers = [](Peers& peers) { peers.add<Silent>(); };
  EXPECT_NE(why(run_twice(kEcho, &kEchoConfig, options)).find("1 of 1 peers are not done"),
            std::string::npos);
}

TEST(Simulation, FailsWhenAShardGivesUp) {
  struct Attacker final : Peer {
    void on_start() override { connect(9000, 0x7f060606); }
    void on_connected() override { expect_end(); }
    void on_closed(Closed) override { after(std::chrono::milliseconds(10)); }
    void on_timer() override { on_start(); }
  };
  WorldOptions options = with_seed(1);
  options.crash_static = 0;
  options.peers = [](Peers& peers) { peers.add<Attacker>(); };
  EXPECT_NE(why(run_twice(kEcho, &kEchoConfig, options)).find("gave up"), std::string::npos);
}

}  // namespace
}  // namespace tina::sim
