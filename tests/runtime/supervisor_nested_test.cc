// SPDX-License-Identifier: Apache-2.0
// The goal: a supervisor below a supervisor fails, restarts and stops as a child: escalation climbs
// level by level, limits hold on every level, a rebuilt subtree has its static children only.
#include "tree_fixture.h"

namespace tina::internal {
namespace {

using tree::Act;
using tree::at_init;
using tree::at_stop;
using tree::Does;
using tree::contract::kGuest;

const SystemTable& kDeep = tree::deep_system::kSystem;

class Nested : public TreeShard {
 protected:
  void spawn_guest() {
    order("Guests.host", Act::SPAWN);
    run();
  }
};

TEST_F(Nested, ALeafIsRestartedByItsOwnSupervisorAlone) {
  boot(kDeep);
  told();
  crash("Guests.host");
  EXPECT_EQ(told(), (Story{"init 3"}));
  EXPECT_EQ(tree().child(record("Guests").self).restarts, 0u);
}

TEST_F(Nested, ASupervisorThatGivesUpFailsAsAChild) {
  boot(kDeep);
  told();
  log();
  crash("Guests.host");
  crash("Guests.host");
  EXPECT_EQ(told(), (Story{"init 3", "stop 4", "init 3", "init 4"}))
      << "its children stop in reverse, and are all started again, the temporary one too";
  EXPECT_EQ(log(), (Story{"told to crash", "child_restarts", "told to crash",
                          "supervisor_escalates", "child_restarts"}));
  EXPECT_EQ(tree().child(record("Guests").self).restarts, 1u);
}

TEST_F(Nested, ASupervisorThatWasRestartedBeginsANewWindow) {
  boot(kDeep);
  for (int i = 0; i < 3; ++i) crash("Guests.host");
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
  EXPECT_EQ(tree().child(record("Guests").self).restarts, 1u);
}

TEST_F(Nested, EscalationClimbsLevelByLevelToTheRoot) {
  boot(kDeep);
  log();
  for (int i = 0; i < 7; ++i) crash("Guests.host");
  EXPECT_EQ(tree().child(record("Middle").self).restarts, 1u);
  EXPECT_EQ(tree().phase(), TreePhase::kRunning) << "2 x 2 x 2 failures are needed";
  const Handle aside = child("Top.aside");
  EXPECT_NE(aside, Handle{});
  crash("Guests.host");
  EXPECT_EQ(tree().phase(), TreePhase::kRunning) << "`else escalate` of a root restarts the shard";
  EXPECT_FALSE(shard->parts.abort_order);
  EXPECT_EQ(shard->parts.counters.shard_restarts, 1u);
  EXPECT_EQ(shard->parts.state.read().epoch, 1u);
  EXPECT_NE(child("Top.aside"), aside) << "everything is new";
  const Story events = log();
  EXPECT_EQ(std::count(events.begin(), events.end(), "supervisor_escalates"), 4 + 2);
  EXPECT_EQ(std::count(events.begin(), events.end(), "shard_restarts"), 1);
  EXPECT_EQ(events.back(), "serving");
}

TEST_F(Nested, AShardIsRestartedThreeTimesInAMinuteAndThenQuarantined) {
  boot(kDeep);
  for (std::uint64_t time = 1; time <= 3; ++time) {
    for (int i = 0; i < 8; ++i) crash("Guests.host");
    EXPECT_EQ(tree().phase(), TreePhase::kRunning);
    EXPECT_EQ(shard->parts.counters.shard_restarts, time);
  }
  platform.now += 61'000'000'000;
  for (int i = 0; i < 8; ++i) crash("Guests.host");
  EXPECT_EQ(shard->parts.counters.shard_restarts, 4u) << "those of before are forgotten";
  for (int time = 0; time < 3; ++time) {
    for (int i = 0; i < 8 && !tree().ended(); ++i) crash("Guests.host");
  }
  EXPECT_EQ(shard->parts.counters.shard_restarts, 6u);
  EXPECT_EQ(tree().phase(), TreePhase::kQuarantined);
  EXPECT_EQ(shard->parts.state.read().standing, Standing::kQuarantined);
  EXPECT_EQ(type(tree::contract::kNode).live, 0u);
}

TEST_F(Nested, ASiblingOfASupervisorThatFailsGoesOn) {
  boot(kDeep);
  const Handle aside = child("Middle.aside");
  crash("Guests.host");
  crash("Guests.host");
  EXPECT_EQ(child("Middle.aside"), aside);
  EXPECT_NE(child("Guests.brief"), Handle{});
}

TEST_F(Nested, ARebuiltSubtreeDropsItsDynamicChildren) {
  boot(kDeep);
  for (int i = 0; i < 3; ++i) spawn_guest();
  EXPECT_EQ(type(kGuest).live, 3u);
  crash("Guests.host");
  EXPECT_EQ(type(kGuest).live, 3u) << "one_for_one: the host alone is restarted";
  told();
  crash("Guests.host");
  EXPECT_EQ(told(), (Story{"stop 4", "stop 50", "stop 50", "stop 50", "init 3", "init 4"}));
  EXPECT_EQ(type(kGuest).live, 0u);
  spawn_guest();
  EXPECT_EQ(type(kGuest).live, 1u) << "the rebuilt group takes new ones";
}

TEST_F(Nested, TheLimitOfADynamicGroupHolds) {
  boot(kDeep);
  for (int i = 0; i < 6; ++i) spawn_guest();
  EXPECT_EQ(type(kGuest).live, 4u);
  EXPECT_EQ(tree::spawned.back(), SpawnStatus::kFull);
}

TEST_F(Nested, EachLimitOfANestedStopHoldsByItself) {
  boot(kDeep);
  spawn_guest();
  told();
  log();
  at_stop = {{4, Does::kStay}, {3, Does::kStay}, {2, Does::kStay}};
  shard->parts.stop_order = true;
  run();
  EXPECT_EQ(told(), (Story{"stop 4"}));
  run_for(10);
  EXPECT_EQ(log(), (Story{"child_killed"}));
  EXPECT_EQ(told(), (Story{"stop 50", "stop 3"}));
  run_for(19);
  EXPECT_TRUE(lives("Guests.host"));
  run_for(1);
  EXPECT_FALSE(lives("Guests.host"));
  EXPECT_EQ(told(), (Story{"stop 2"}));
  run_for(10);
  EXPECT_EQ(log(), (Story{"child_killed", "child_killed"}));
  EXPECT_EQ(told(), (Story{"stop 1"}));
  EXPECT_EQ(tree().phase(), TreePhase::kStopped);
}

TEST_F(Nested, TheLimitOfASupervisorEndsAllBelowIt) {
  boot(kDeep);
  spawn_guest();
  told();
  log();
  at_stop = {{50, Does::kStay}};  // its own limit is 50 ms, that of its supervisor 35 ms
  shard->parts.stop_order = true;
  run();
  run_for(34);
  EXPECT_EQ(type(kGuest).live, 1u);
  run_for(1);
  EXPECT_EQ(type(kGuest).live, 0u);
  EXPECT_EQ(told(), (Story{"stop 4", "stop 50", "stop 2", "stop 1"}))
      << "what the limit kills is not asked any more";
  EXPECT_EQ(tree().phase(), TreePhase::kStopped);
}

TEST_F(Nested, TheTrueReasonSurvivesARaceWithAStopFromAbove) {
  boot(kDeep);
  told();
  at_stop[4] = Does::kStay;  // holds the escalation up
  crash("Guests.host");
  crash("Guests.host");
  EXPECT_EQ(record("Guests").phase, SupervisorPhase::kStopping);
  EXPECT_EQ(record("Guests").exit, Exit::kCrashed);
  shard->parts.stop_order = true;
  run();
  EXPECT_EQ(record("Guests").exit, Exit::kCrashed);
  run_for(100);
  EXPECT_EQ(tree().phase(), TreePhase::kStopped);
}

TEST_F(Nested, ACrashThatRacesWithAStopIsReportedAsACrash) {
  boot(kDeep);
  log();
  shard->parts.stop_order = true;
  at_stop[4] = Does::kCrash;
  run();
  EXPECT_EQ(log(), (Story{"told to crash while it stops"}));
  EXPECT_EQ(type(tree::contract::kNode).count.crashed, 1u);
  EXPECT_EQ(shard->parts.counters.restarts, 0u);
  EXPECT_EQ(tree().phase(), TreePhase::kStopped);
}

TEST_F(Nested, ASupervisorWhoseChildrenCannotStartFailsTheBoot) {
  at_init[3] = Does::kCrash;
  boot(kDeep);
  EXPECT_EQ(tree().phase(), TreePhase::kQuarantined);
  EXPECT_TRUE(shard->parts.boot_failed);
  const Story story = told();
  EXPECT_EQ(std::count(story.begin(), story.end(), "init 3"), 8);
}

TEST_F(Nested, SpawnsAreRefusedWhileTheirSupervisorRestarts) {
  boot(kDeep);
  at_stop[4] = Does::kStay;
  crash("Guests.host");
  crash("Guests.host");
  order("Middle.aside", Act::SPAWN);
  run();
  EXPECT_EQ(tree::spawned, std::vector{SpawnStatus::kQuarantined});
}

TEST_F(Nested, ACrashReportNamesThePathDownTheTree) {
  boot(kDeep);
  log();
  order("Guests.host", Act::CRASH);
  run();
  const LogRecord* crash = shard->parts.log.peek();
  ASSERT_NE(crash, nullptr);
  std::array<char, 512> line;
  const std::size_t size = format_line(*crash, *shard->parts.role, line);
  EXPECT_NE(std::string(line.data(), size).find("path=Top.middle.guests.Node#"), std::string::npos)
      << std::string(line.data(), size);
}

}  // namespace
}  // namespace tina::internal
