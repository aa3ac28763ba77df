// SPDX-License-Identifier: Apache-2.0
// The goal: no pass of supervision does more than a bound, however many children there are, and a
// storm of restarts leaves nothing behind.
#include "tree_fixture.h"

namespace tina::internal {
namespace {

using tree::Act;
using tree::ants_started;
using tree::contract::kAnt;
using tree::contract::kGuest;
using tree::contract::kNode;

const SystemTable& kCrowd = tree::crowd_system::kSystem;
const SystemTable& kDeep = tree::deep_system::kSystem;
const SystemTable& kRest = tree::rest_system::kSystem;

constexpr std::uint32_t kAnts = 100'000;
constexpr std::uint32_t kBound = 300;  // isolates that one pass may start or end

class Bounds : public TreeShard {
 protected:
  void SetUp() override {
    TreeShard::SetUp();
    build(kCrowd);
    while (tree().phase() == TreePhase::kBooting) bounded_pass();
    ASSERT_EQ(type(kAnt).live, kAnts);
  }
  void bounded_pass() {
    const std::uint64_t started = ants_started;
    const std::uint64_t ended = type(kAnt).count.ended;
    pass(shard->parts, platform);
    ++passes;
    ASSERT_LE(ants_started - started, kBound);
    ASSERT_LE(type(kAnt).count.ended - ended, kBound);
    ASSERT_LT(passes, 10'000u) << "does not come to an end";
  }

  std::uint64_t passes = 0;
};

TEST_F(Bounds, AHundredThousandChildrenStartInManyShortPasses) {
  EXPECT_EQ(ants_started, kAnts);
  EXPECT_GT(passes, kAnts / kBound);
}

TEST_F(Bounds, AHundredThousandChildrenStopInManyShortPasses) {
  shard->parts.stop_order = true;
  while (!tree().ended()) bounded_pass();
  EXPECT_EQ(type(kAnt).live, 0u);
  EXPECT_EQ(type(kAnt).free_count, kAnts);
  EXPECT_EQ(tree().phase(), TreePhase::kStopped);
}

TEST_F(Bounds, AHundredThousandBystandersAreRestartedInManyShortPasses) {
  order("Crowd.ant", Act::CRASH, 50'000, kAnt);
  while (type(kAnt).live > 0) bounded_pass();
  while (type(kAnt).live < kAnts) bounded_pass();
  run();
  EXPECT_EQ(ants_started, 2u * kAnts);
  EXPECT_EQ(shard->parts.counters.restarts, 1u);
}

TEST_F(Bounds, AHundredThousandChildrenAreKilledInManyShortPasses) {
  order("Crowd.ant", Act::CRASH, 7, kAnt);
  while (ants_started < 2 * kAnts) bounded_pass();
  order("Crowd.ant", Act::CRASH, 7, kAnt);
  while (!tree().ended()) bounded_pass();
  EXPECT_EQ(tree().phase(), TreePhase::kQuarantined);
  EXPECT_EQ(type(kAnt).live, 0u);
}

class Storms : public TreeShard {
 protected:
  /// Nothing that a restart may have taken is still taken.
  void expect_nothing_left() {
    for (unsigned i = 0; i < shard->parts.type_count; ++i) {
      const TypeBlock& block = shard->parts.types[i];
      EXPECT_EQ(block.live + block.free_count, block.slots) << block.table->name;
      EXPECT_EQ(block.ready_count, 0u);
    }
    EXPECT_EQ(shard->parts.reactor.in_flight(), 0u);
    EXPECT_EQ(shard->parts.wheel->next_expiry_bound(), Wheel::kNever) << "a timer is left";
    EXPECT_TRUE(platform.started.empty());
    EXPECT_EQ(next_deadline_ns(shard->parts), 0u);
  }
};

TEST_F(Storms, AHundredThousandGroupRestartsLeaveNothingBehind) {
  boot(kRest);
  for (int i = 0; i < 100'000; ++i) {
    crash("Rest.second");
    platform.now += 400'000'000;
    told();
    log();
  }
  EXPECT_EQ(shard->parts.counters.restarts, 100'000u);
  EXPECT_EQ(type(kNode).live, 6u);
  expect_nothing_left();
}

TEST_F(Storms, TenThousandEscalationsLeaveNothingBehind) {
  boot(kDeep);
  for (int i = 0; i < 20'000; ++i) {
    order("Guests.host", Act::SPAWN);
    crash("Guests.host");
    platform.now += i % 2 == 0 ? 1 : 2'000'000'000;
    run();
    told();
    log();
  }
  EXPECT_EQ(tree().child(record("Guests").self).restarts, 10'000u);
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
  EXPECT_LE(type(kGuest).live, 1u);
  expect_nothing_left();
}

TEST_F(Storms, ARestartCostsTheSameAfterAHundredThousandOthers) {
  boot(kRest);
  const auto passes_of_one = [this] {
    const std::uint64_t before = shard->parts.counters.passes;
    crash("Rest.second");
    platform.now += 400'000'000;
    told();
    log();
    return shard->parts.counters.passes - before;
  };
  passes_of_one();  // the temporary child goes with it
  const std::uint64_t first = passes_of_one();
  for (int i = 0; i < 100'000; ++i) passes_of_one();
  EXPECT_EQ(passes_of_one(), first);
}

TEST_F(Storms, TheWindowSlidesExactly) {
  boot(kRest);  // 3 in 1s
  for (int i = 0; i < 3; ++i) {
    crash("Rest.third");
    run_for(300);
  }
  run_for(100);
  platform.now += 1;  // the first is one nanosecond more than a second ago
  crash("Rest.third");
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
  run_for(299);
  platform.now += 1'000'000 - 1;  // the second is a second ago to the nanosecond
  crash("Rest.third");
  EXPECT_EQ(tree().phase(), TreePhase::kQuarantined);
}

}  // namespace
}  // namespace tina::internal
