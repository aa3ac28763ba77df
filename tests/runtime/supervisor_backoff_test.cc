// SPDX-License-Identifier: Apache-2.0
// The goal: a restart waits exactly as long as the backoff says, child by child, and nobody else
// waits with it.
#include "tree_fixture.h"

namespace tina::internal {
namespace {

using tree::at_init;
using tree::Does;

const SystemTable& kSlow = tree::slow_system::kSystem;
const SystemTable& kAll = tree::all_system::kSystem;

class Backoff : public TreeShard {
 protected:
  /// Milliseconds until something is told, stepping by one.
  int wait() {
    for (int ms = 0; ms < 5000; ++ms) {
      if (!tree::story.empty()) return ms;
      run_for(1);
    }
    ADD_FAILURE() << "nothing comes";
    return -1;
  }
};

TEST_F(Backoff, DoublesWithEachRestartInARowUpToTheLongest) {
  boot(kSlow);
  told();
  std::vector<int> waits;
  for (int i = 0; i < 6; ++i) {
    crash("Slow.first");
    waits.push_back(wait());
    told();
  }
  EXPECT_EQ(waits, (std::vector{100, 200, 400, 800, 1000, 1000}));
}

TEST_F(Backoff, AChildThatRanForAWholeWindowBeginsANewRow) {
  boot(kSlow);
  for (int i = 0; i < 3; ++i) {
    crash("Slow.first");
    told();
    wait();
  }
  told();
  run_for(10'000);
  crash("Slow.first");
  EXPECT_EQ(wait(), 800) << "it ran for the window, not longer";
  told();
  run_for(10'001);
  crash("Slow.first");
  EXPECT_EQ(wait(), 100);
}

TEST_F(Backoff, EachChildHasItsOwnRowAndNobodyWaitsForAnother) {
  boot(kSlow);
  for (int i = 0; i < 3; ++i) {
    crash("Slow.first");
    told();
    wait();
  }
  told();
  crash("Slow.first");  // waits 800 ms
  crash("Slow.others", 2);
  EXPECT_EQ(wait(), 100);
  EXPECT_EQ(told(), (Story{"init 2"}));
  EXPECT_EQ(wait(), 700);
  EXPECT_EQ(told(), (Story{"init 1"}));
}

TEST_F(Backoff, AStartThatFailsWaitsAndIsTriedAgain) {
  boot(kSlow);
  at_init[1] = Does::kCrash;
  crash("Slow.first");
  told();
  EXPECT_EQ(wait(), 100);
  told();
  EXPECT_EQ(wait(), 200);
  at_init.clear();
  told();
  EXPECT_EQ(wait(), 400);
  EXPECT_TRUE(lives("Slow.first"));
  EXPECT_EQ(shard->parts.counters.restarts, 3u);
}

TEST_F(Backoff, AStartThatFailsAtBootHoldsTheNextOnesUp) {
  at_init[1] = Does::kCrash;
  boot(kSlow);
  EXPECT_EQ(told(), (Story{"init 1"}));
  at_init.clear();
  run_for(99);
  EXPECT_EQ(told(), Story{});
  run_for(1);
  EXPECT_EQ(told(), (Story{"init 1", "init 2", "init 2", "init 2", "init 2"}));
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
}

TEST_F(Backoff, AGroupWaitsAsAWhole) {
  boot(kAll);
  told();
  crash("All.first");
  EXPECT_EQ(told(), (Story{"stop 4", "stop 2"}));
  EXPECT_EQ(wait(), 100);
  told();
  crash("All.first");
  told();
  EXPECT_EQ(wait(), 200);
  told();
  crash("All.first");
  told();
  EXPECT_EQ(wait(), 300);
}

TEST_F(Backoff, TheShardSleepsMeanwhileAndKnowsWhenToWake) {
  boot(kSlow);
  crash("Slow.first");
  EXPECT_EQ(next_deadline_ns(shard->parts), platform.now + 100'000'000);
  platform.now += 100'000'000;
  run();
  EXPECT_EQ(next_deadline_ns(shard->parts), 0u);
}

TEST_F(Backoff, AChildThatWaitsForItsRestartDoesNotHoldAStopUp) {
  boot(kSlow);
  crash("Slow.first");
  shard->parts.stop_order = true;
  run();
  EXPECT_EQ(tree().phase(), TreePhase::kStopped);
}

}  // namespace
}  // namespace tina::internal
