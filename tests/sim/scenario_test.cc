// SPDX-License-Identifier: Apache-2.0
// Scenarios: what the spec asks for is what runs, what cannot run is refused in one line, and a
// property that does not hold fails the run and says how to see it again.
#include "sim/scenario.h"

#include <gtest/gtest.h>

#include <array>

#include "echo_server.system.h"
#include "probe.system.h"

namespace tina::sim {
namespace {

using internal::FaultKind;
using internal::FaultTable;
using internal::NodeTable;
using internal::PropertyTable;
using internal::Quantifier;
using internal::ScenarioTable;

const internal::SystemTable& kProbe = probe::probe::kSystem;
const internal::SystemTable& kEcho = echo::echo_server::kSystem;
const echo::Config kEchoConfig{.port = 9000};
const probe::Config kProbeConfig{.plant = 0};

constexpr std::array kOneNode = {NodeTable{.name = "server", .system = "Probe"}};
constexpr std::array kTwoNodes = {NodeTable{.name = "server", .system = "Probe"},
                                  NodeTable{.name = "client", .system = "Other"}};

ScenarioTable calm() {
  return {.name = "calm",
          .nodes = kOneNode,
          .faults = {},
          .first_seed = 3,
          .last_seed = 5,
          .time_ns = 20'000'000,
          .quiescent = true,
          .no_leak = true,
          .properties = {}};
}

/// Runs a scenario of the probe; the exit status.
int run(const ScenarioTable& scenario, std::optional<std::uint64_t> seed = {}) {
  return run_scenario(kProbe, &kProbeConfig, scenario, {seed, false, scenario.name});
}

bool always_true(const View&) { return true; }
bool never_true(const View&) { return false; }
bool late(const View& world) { return world.elapsed() > std::chrono::milliseconds(10); }
bool has_workers(const View& world) { return world.live<probe::Worker>() > 0; }

/// The exit status of a scenario that expects one property.
int run_with(Quantifier quantifier, bool (*holds)(const View&), std::int64_t within_ns = 0) {
  const std::array properties = {PropertyTable{"planted", quantifier, within_ns, holds}};
  ScenarioTable scenario = calm();
  scenario.properties = properties;
  return run(scenario);
}

TEST(Scenario, RunsItsSeedsForItsTime) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(run(calm()), 0);
  const std::string said = testing::internal::GetCapturedStdout();
  EXPECT_NE(said.find("\"calm\" of Probe: 3 seeds"), std::string::npos) << said;
  const WorldOptions options = options_of(kProbe, calm());
  EXPECT_EQ(options.time_ns, 20'000'000U);
}

TEST(Scenario, RunsOneSeedAloneWhenAsked) {
  testing::internal::CaptureStdout();
  EXPECT_EQ(run(calm(), 4), 0);
  const std::string said = testing::internal::GetCapturedStdout();
  EXPECT_NE(said.find(": 1 seeds"), std::string::npos) << said;
}

TEST(Scenario, HasNoFaultThatItDoesNotName) {
  const WorldOptions options = options_of(kProbe, calm());
  EXPECT_EQ(options.network.reset.numerator, 0U);
  EXPECT_EQ(options.network.accept_error.numerator, 0U);
  EXPECT_EQ(options.network.io_error.numerator, 0U);
  for (const Ratio crash : options.crashes) EXPECT_EQ(crash.numerator, 0U);
}

TEST(Scenario, CrashesWhomItNamesAndNobodyElse) {
  const std::array faults = {FaultTable{.kind = FaultKind::kCrash,
                                        .type = probe::Worker::kTypeId,
                                        .numerator = 1,
                                        .denominator = 20}};
  ScenarioTable scenario = calm();
  scenario.faults = faults;
  Trace trace(nullptr);
  World world(kProbe, &kProbeConfig, options_of(kProbe, scenario), trace);
  const Outcome outcome = world.run();
  EXPECT_TRUE(outcome.failures.empty());
  EXPECT_GT(outcome.crashes_injected, 3U);
  EXPECT_EQ(outcome.restarts, 0U) << "only the feeder is ever restarted";
}

TEST(Scenario, BreaksAndDelaysOperations) {
  const std::array faults = {
      FaultTable{.kind = FaultKind::kIoError, .numerator = 1, .denominator = 50},
      FaultTable{.kind = FaultKind::kIoDelay, .low_ns = 1'000'000, .high_ns = 3'000'000}};
  ScenarioTable scenario = calm();
  scenario.time_ns = 600'000'000'000;
  WorldOptions plain = options_of(kEcho, scenario);
  scenario.faults = faults;
  WorldOptions slow = options_of(kEcho, scenario);
  const Verdict calm_run = run_twice(kEcho, &kEchoConfig, plain);
  const Verdict slow_run = run_twice(kEcho, &kEchoConfig, slow);
  EXPECT_TRUE(calm_run.ok());
  EXPECT_TRUE(slow_run.ok());
  EXPECT_EQ(calm_run.outcome.network.io_errors, 0U);
  EXPECT_GT(slow_run.outcome.network.io_errors, 5U);
  EXPECT_GT(slow_run.outcome.virtual_ns, calm_run.outcome.virtual_ns);
}

TEST(Scenario, StopsClientsThatAreNotDoneWhenTheTimeIsOver) {
  ScenarioTable scenario = calm();
  scenario.time_ns = 15'000'000;
  const Verdict verdict = run_twice(kEcho, &kEchoConfig, options_of(kEcho, scenario));
  EXPECT_TRUE(verdict.ok()) << verdict.outcome.failures.size() << verdict.outcome.failures[0];
  EXPECT_LT(verdict.outcome.virtual_ns, 60'000'000'000U);
}

TEST(Property, MustHoldInEachPassIfAlways) {
  EXPECT_EQ(run_with(Quantifier::kAlways, always_true), 0);
  testing::internal::CaptureStderr();
  EXPECT_EQ(run_with(Quantifier::kAlways, never_true), 1);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("property planted does not hold after"), std::string::npos) << said;
  EXPECT_NE(said.find("--scenario \"calm\" --seed 3"), std::string::npos) << said;
}

TEST(Property, MustHoldOnceInSomeSeedIfSometimes) {
  EXPECT_EQ(run_with(Quantifier::kSometimes, has_workers), 0);
  EXPECT_EQ(run_with(Quantifier::kSometimes, never_true), 1);
}

TEST(Property, MustHoldOnceInItsTimeIfEventually) {
  EXPECT_EQ(run_with(Quantifier::kEventually, late, 15'000'000), 0);
  EXPECT_EQ(run_with(Quantifier::kEventually, late, 2'000'000), 1);
  EXPECT_EQ(run_with(Quantifier::kEventually, never_true, 10'000'000'000), 1);
}

TEST(Scenario, RefusesWhatItCannotRunInOneLine) {
  ScenarioTable scenario = calm();
  EXPECT_EQ(why_not(kProbe, scenario), "");
  scenario.nodes = kTwoNodes;
  EXPECT_NE(why_not(kProbe, scenario).find("client : Other"), std::string::npos);
}

TEST(Scenario, OfAnUnknownNameIsRefusedWithTheKnownOnes) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(simulate(kEcho, &kEchoConfig, {{}, false, "sunshine"}), 2);
  const std::string said = testing::internal::GetCapturedStderr();
  EXPECT_NE(said.find("survives flaky I/O"), std::string::npos) << said;
}

}  // namespace
}  // namespace tina::sim
