// SPDX-License-Identifier: Apache-2.0
// The goal: a supervisor ends by itself when its significant children have ended by themselves, not
// when they were restarted or stopped for another's sake, and its end goes on upwards.
#include "tree_fixture.h"

namespace tina::internal {
namespace {

using tree::at_init;
using tree::Does;

const SystemTable& kFinite = tree::finite_system::kSystem;
const SystemTable& kAgain = tree::again_system::kSystem;

class Automatic : public TreeShard {};

TEST_F(Automatic, AnyEndsWithTheFirstSignificantChild) {
  boot(kFinite);
  told();
  end("AnyOf.two");
  EXPECT_EQ(told(), (Story{"stop 3", "stop 1"}));
  EXPECT_EQ(record("AnyOf").phase, SupervisorPhase::kOff);
  EXPECT_EQ(tree().phase(), TreePhase::kRunning) << "the root waits for all";
}

TEST_F(Automatic, ASignificantChildThatIsRestartedEndsNobody) {
  boot(kFinite);
  told();
  crash("AnyOf.two");
  EXPECT_EQ(told(), (Story{"init 2"}));
}

TEST_F(Automatic, AnInsignificantChildEndsNobody) {
  boot(kFinite);
  end("AnyOf.other");
  EXPECT_EQ(record("AnyOf").phase, SupervisorPhase::kRunning);
  EXPECT_TRUE(lives("AnyOf.other"));
}

TEST_F(Automatic, AllEndsWithTheLastSignificantChild) {
  boot(kFinite);
  told();
  end("AllOf.one");
  EXPECT_EQ(record("AllOf").phase, SupervisorPhase::kRunning);
  EXPECT_EQ(told(), Story{});
  crash("AllOf.two");  // temporary: a crash ends it for good
  EXPECT_EQ(told(), (Story{"stop 13"}));
  EXPECT_EQ(record("AllOf").phase, SupervisorPhase::kOff);
}

TEST_F(Automatic, AGroupRestartOfSignificantChildrenEndsNobody) {
  boot(kFinite);
  told();
  crash("AllOf.other");
  EXPECT_EQ(told(), (Story{"stop 12", "stop 11", "init 11", "init 13"}))
      << "the temporary one was stopped for another's sake: that is no end of its own";
  EXPECT_EQ(record("AllOf").phase, SupervisorPhase::kRunning);
  end("AllOf.one");
  EXPECT_EQ(record("AllOf").phase, SupervisorPhase::kOff) << "it was the last one";
}

TEST_F(Automatic, TheEndGoesOnUpwardsAndTheShardEndsNormally) {
  boot(kFinite);
  end("AnyOf.one");
  end("AllOf.one");
  end("AllOf.two");
  EXPECT_EQ(tree().phase(), TreePhase::kStopped);
  EXPECT_EQ(type(tree::contract::kNode).live, 0u);
  EXPECT_EQ(shard->parts.counters.restarts, 0u);
}

TEST_F(Automatic, APermanentSupervisorThatEndsByItselfIsRestarted) {
  boot(kAgain);
  told();
  end("AnyOf.one");
  EXPECT_EQ(told(), (Story{"stop 3", "stop 2", "init 1", "init 2", "init 3"}));
  EXPECT_EQ(shard->parts.counters.restarts, 1u);
  end("AnyOf.one");
  end("AnyOf.one");
  EXPECT_EQ(tree().phase(), TreePhase::kQuarantined) << "that counts as a restart too";
}

TEST_F(Automatic, AnInitThatIsDoneAtOnceEndsNobody) {
  at_init[1] = Does::kEnd;
  boot(kFinite);
  EXPECT_EQ(record("AnyOf").phase, SupervisorPhase::kRunning);
  end("AnyOf.two");
  EXPECT_EQ(record("AnyOf").phase, SupervisorPhase::kOff);
}

TEST_F(Automatic, AnEndWhileTheOthersStillStartIsSeenWhenTheyHaveStarted) {
  build(kFinite);
  while (tree::story.empty() || tree::story.back() != "init 2") pass(shard->parts, platform);
  order("AnyOf.one", tree::Act::END);
  run();
  EXPECT_EQ(record("AnyOf").phase, SupervisorPhase::kOff);
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
  EXPECT_TRUE(lives("AllOf.one"));
}

}  // namespace
}  // namespace tina::internal
