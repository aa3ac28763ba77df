// SPDX-License-Identifier: Apache-2.0
// The goal: one_for_all and rest_for_one restart exactly whom they should, in order, whatever else
// happens meanwhile: crashes during the stop, failing inits, temporary bystanders.
#include <cerrno>

#include "tree_fixture.h"

namespace tina::internal {
namespace {

using tree::Act;
using tree::at_init;
using tree::at_stop;
using tree::Does;

const SystemTable& kRest = tree::rest_system::kSystem;
const SystemTable& kAll = tree::all_system::kSystem;

class Strategies : public TreeShard {};

TEST_F(Strategies, ATreeStartsInOrderThroughEveryLevel) {
  boot(kAll);
  EXPECT_EQ(told(), (Story{"init 1", "init 2", "init 3", "init 4"}));
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
}

TEST_F(Strategies, TheIndexOfAChildReachesItsInit) {
  boot(kRest);
  EXPECT_EQ(told(), (Story{"init 1", "init 2", "init 10.0", "init 10.1", "init 10.2", "init 20",
                           "init 3"}));
}

TEST_F(Strategies, RestForOneStopsThoseAfterInReverseAndStartsThemInOrder) {
  boot(kRest);
  told();
  const Handle first = child("Rest.first");
  crash("Rest.second");
  EXPECT_EQ(told(), (Story{"stop 3", "stop 20", "stop 10.2", "stop 10.1", "stop 10.0", "init 2",
                           "init 10.0", "init 10.1", "init 10.2", "init 3"}))
      << "the temporary child is stopped with them and stays away";
  EXPECT_EQ(child("Rest.first"), first);
  EXPECT_EQ(log(), (Story{"serving", "told to crash", "child_restarts"}));
}

TEST_F(Strategies, RestForOneTreatsAChildTimesNAsConsecutiveChildren) {
  boot(kRest);
  told();
  const Handle zero = child("Rest.pool", 0);
  crash("Rest.pool", 1);
  EXPECT_EQ(told(), (Story{"stop 3", "stop 20", "stop 10.2", "init 10.1", "init 10.2", "init 3"}));
  EXPECT_EQ(child("Rest.pool", 0), zero);
}

TEST_F(Strategies, TheLastChildOfRestForOneIsRestartedAlone) {
  boot(kRest);
  told();
  crash("Rest.third");
  EXPECT_EQ(told(), (Story{"init 3"}));
}

TEST_F(Strategies, ATransientChildThatEndsNormallyTakesNobodyAlongAndComesBackWithItsGroup) {
  boot(kRest);
  told();
  end("Rest.third");
  EXPECT_EQ(told(), Story{});
  EXPECT_FALSE(lives("Rest.third"));
  crash("Rest.second");
  EXPECT_EQ(told().back(), "init 3") << "as OTP: a group restart starts all that are not temporary";
}

TEST_F(Strategies, ATemporaryChildThatHasEndedIsNoBystanderEither) {
  boot(kRest);
  crash("Rest.brief");
  told();
  crash("Rest.second");
  EXPECT_EQ(told(), (Story{"stop 3", "stop 10.2", "stop 10.1", "stop 10.0", "init 2", "init 10.0",
                           "init 10.1", "init 10.2", "init 3"}));
  EXPECT_EQ(shard->parts.counters.restarts, 1u);
}

TEST_F(Strategies, OneForAllRestartsEverybodyAndNestedSupervisorsToo) {
  boot(kAll);
  told();
  crash("All.second");
  EXPECT_EQ(told(), (Story{"stop 4", "stop 1"})) << "brutal: killed without being asked";
  EXPECT_FALSE(lives("All.first"));
  run_for(100);
  EXPECT_EQ(told(), (Story{"init 1", "init 2", "init 4"}))
      << "the temporary child of the supervisor that restarts stays away, that of a supervisor "
         "that "
         "is built anew does not";
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
}

TEST_F(Strategies, ACrashDuringTheStopIsNoFurtherFailureAndIsReportedAsWhatItWas) {
  boot(kRest);
  log();
  at_stop[10] = Does::kCrash;
  crash("Rest.second");
  EXPECT_EQ(log(), (Story{"told to crash", "child_restarts", "told to crash while it stops",
                          "told to crash while it stops", "told to crash while it stops"}));
  EXPECT_EQ(shard->parts.counters.restarts, 1u);
  EXPECT_TRUE(lives("Rest.pool", 2));
}

TEST_F(Strategies, AnEarlierChildThatCrashesDuringTheStopWidensIt) {
  boot(kRest);
  told();
  at_stop[3] = Does::kStay;  // holds the stop up for 10 ms
  crash("Rest.pool", 2);
  EXPECT_EQ(told(), (Story{"stop 3"}));
  crash("Rest.first");
  EXPECT_EQ(shard->parts.counters.restarts, 2u);
  run_for(10);
  EXPECT_EQ(told(), (Story{"stop 20", "stop 10.1", "stop 10.0", "stop 2", "init 1", "init 2",
                           "init 10.0", "init 10.1", "init 10.2", "init 3"}));
}

TEST_F(Strategies, AChildThatDoesNotEndIsKilledAtItsLimitAndTheRestartGoesOn) {
  boot(kRest);
  log();
  at_stop[3] = Does::kStay;
  crash("Rest.pool", 2);
  run_for(9);
  EXPECT_TRUE(lives("Rest.third"));
  run_for(1);
  EXPECT_EQ(log(), (Story{"told to crash", "child_restarts", "child_killed"}));
  EXPECT_EQ(told().back(), "init 3");
}

TEST_F(Strategies, ACrashInInitDuringAGroupRestartCountsAndTriesAgain) {
  boot(kRest);
  told();
  at_init[3] = Does::kCrash;
  order("Rest.pool", Act::CRASH, 2);
  for (int i = 0; i < 3; ++i) pass(shard->parts, platform);
  while (tree::story.back() != "init 3") pass(shard->parts, platform);
  at_init.clear();
  run();
  EXPECT_EQ(told(), (Story{"stop 3", "stop 20", "init 10.2", "init 3", "init 3"}));
  EXPECT_EQ(shard->parts.counters.restarts, 2u);
  EXPECT_TRUE(lives("Rest.third"));
}

TEST_F(Strategies, AnInitThatFailsForeverIsNotRetriedForever) {
  boot(kRest);
  at_init[2] = Does::kCrash;
  crash("Rest.second");
  EXPECT_EQ(tree().phase(), TreePhase::kQuarantined);
  EXPECT_TRUE(shard->parts.abort_order) << "the spec says `else abort`";
  EXPECT_EQ(type(tree::contract::kNode).live, 0u);
  EXPECT_EQ(log().back(), "shard_aborts");
}

TEST_F(Strategies, AnInitThatIsDoneAtOnceIsIgnoredAndTheStartGoesOn) {
  at_init[2] = Does::kEnd;
  boot(kRest);
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
  EXPECT_FALSE(lives("Rest.second"));
  EXPECT_TRUE(lives("Rest.third"));
  EXPECT_EQ(shard->parts.counters.restarts, 0u);
}

TEST_F(Strategies, ACrashInInitAtBootIsAnOrdinaryFailure) {
  at_init[3] = Does::kCrash;
  build(kRest);
  while (tree::story.empty() || tree::story.back() != "init 3") pass(shard->parts, platform);
  at_init.clear();
  run();
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
  EXPECT_EQ(shard->parts.counters.restarts, 1u);
}

TEST_F(Strategies, AnEarlierChildThatCrashesAtBootIsRestartedBeforeTheNextStarts) {
  build(kRest);
  while (tree::story.empty() || tree::story.back() != "init 10.2") pass(shard->parts, platform);
  order("Rest.first", Act::CRASH);
  run();
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
  const Story story = told();
  EXPECT_EQ(std::count(story.begin(), story.end(), "init 20"), 1)
      << "a temporary child that had not been started is started once";
  EXPECT_EQ(story.back(), "init 3");
}

TEST_F(Strategies, ASlotToSpareDoesNotLetAChildStartBeforeTheLastCompletionOfTheOneBefore) {
  boot(tree::door_system::kSystem);
  told();
  ASSERT_EQ(platform.started.size(), 1u);
  const Token accept = platform.started.back().token;
  order("Doors.door", Act::CRASH, 0, tree::contract::kDoor);
  run_for(10);
  EXPECT_EQ(told(), Story{}) << "its port is not free yet";
  platform.completions.push_back({accept, -ECANCELED});
  run();
  EXPECT_EQ(told(), (Story{"init 60"}));
  EXPECT_TRUE(lives("Doors.door"));
}

TEST_F(Strategies, TheWholeTreeStopsInReverseOrder) {
  boot(kAll);
  told();
  shard->parts.stop_order = true;
  run();
  EXPECT_EQ(told(), (Story{"stop 4", "stop 2", "stop 1"}));
  EXPECT_EQ(tree().phase(), TreePhase::kStopped);
}

TEST_F(Strategies, AStopDuringARestartWins) {
  boot(kAll);
  crash("All.first");
  told();
  shard->parts.stop_order = true;
  run_for(1);
  EXPECT_EQ(tree().phase(), TreePhase::kStopped);
  run_for(500);
  EXPECT_EQ(told(), Story{}) << "nobody is started any more";
}

}  // namespace
}  // namespace tina::internal
