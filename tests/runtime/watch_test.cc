// SPDX-License-Identifier: Apache-2.0
// The goal: the end of one whom twenty thousand watch, or of a shard that they watch, is told in
// many short passes; each is told once, the slot is not used before, and who ends meanwhile harms
// nobody.
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "fan.h"
#include "hand_platform.h"
#include "src/mailbox.h"
#include "src/monitor.h"
#include "star.h"
#include "watch.system.h"

namespace tina::internal {
namespace {

using watch::downs;
using watch::Fall;
using watch::contract::kFan;
using watch::contract::kStar;

constexpr std::uint64_t kFans = 20'000;

class Watchers : public ::testing::Test {
 protected:
  void SetUp() override {
    watch::watching = watch::downs = watch::refused = watch::twice = 0;
    ASSERT_TRUE(install_trap_handlers());
    stack_.resize(alternate_stack_size());
  }
  void TearDown() override {
    enter_shard_thread(nullptr, nullptr, 0);
    for (const auto& shard : shards_) shard->destroy();
    EXPECT_EQ(watch::twice, 0u);
  }
  /// Shard 0 first, so that its star is there to be watched.
  void boot(std::uint16_t shards, bool far) {
    placement_ = std::make_unique<Placement>(watch::watch::kSystem, shards);
    configs_[1].far = far;
    for (std::uint16_t i = 0; i < shards; ++i) {
      shards_.push_back(std::make_unique<Shard>());
      ASSERT_TRUE(
          shards_[i]->build(watch::watch::kSystem, &configs_[i], ShardId{i}, *placement_, false));
    }
    connect(shards_);
    for (std::uint16_t i = 0; i < shards; ++i) {
      start(*shards_[i], platform_.now, 0, HandPlatform::calls(), &platform_);
      for (int n = 0; n < 1'000 && at(i).tree.phase() != TreePhase::kRunning; ++n) one_pass(i);
      ASSERT_EQ(at(i).tree.phase(), TreePhase::kRunning);
    }
    run();
    ASSERT_EQ(watch::refused, 0u);
  }
  ShardParts& at(unsigned shard) { return shards_[shard]->parts; }
  TypeBlock& star() { return at(0).types[index(kStar)]; }
  std::uint32_t one_pass(unsigned shard = 0) {
    EXPECT_TRUE(enter_shard_thread(&at(shard), stack_.data(), stack_.size()));
    const std::uint32_t work = pass(at(shard), platform_);
    std::vector<ShardParts*> peers;
    for (const auto& each : shards_) peers.push_back(&each->parts);
    publish_outbound(at(shard), peers, [](void*, unsigned) {}, nullptr);
    EXPECT_TRUE(books_balance(at(shard)));
    return work;
  }
  void run() {
    for (int i = 0; i < 10'000; ++i) {
      std::uint32_t work = 0;
      for (unsigned shard = 0; shard < shards_.size(); ++shard) work += one_pass(shard);
      if (work == 0) return;
    }
    FAIL() << "the shards do not come to rest";
  }
  void fall(TypeId who, Handle handle) {
    ShardParts& shard = at(index(handle.shard()));
    EXPECT_EQ(send_local(shard, who, handle, 0, Fall{}), SendResult::kQueued);
    set_phase(shard, Phase::kRuntime);
  }

  watch::Config configs_[2];
  HandPlatform platform_;
  std::unique_ptr<Placement> placement_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::byte> stack_;
};

TEST_F(Watchers, AreToldInManyPassesAndEachOnce) {
  boot(1, false);
  ASSERT_EQ(watch::watching, kFans);
  fall(kStar, Handle::make(ShardId{0}, 0, 1));
  one_pass();
  EXPECT_LE(downs, kToldAtOnce);
  EXPECT_NE(star().meta[0].flags & kTelling, 0);
  std::uint64_t passes = 0;
  for (std::uint64_t before = downs; downs < kFans; before = downs, ++passes) {
    EXPECT_EQ(star().free_count + star().live, 1u) << "nobody gets the slot yet";
    one_pass();
    ASSERT_GT(downs, before);
    EXPECT_LE(downs - before, kToldPerPass);
  }
  EXPECT_GE(passes, 4u);
  run();
  EXPECT_EQ(downs, kFans);
  EXPECT_EQ(star().free_count + star().live, star().slots);
}

TEST_F(Watchers, ThatEndMeanwhileAreNotTold) {
  boot(1, false);
  fall(kStar, Handle::make(ShardId{0}, 0, 1));
  one_pass();
  // Of those whom the next pass does not tell: the one who would be next, and some behind it.
  std::uint32_t record = star().watches[0].first_watcher;
  for (std::uint32_t n = 0; n < kToldPerPass; ++n) record = at(0).monitors[record].next;
  constexpr std::uint32_t kEnd = 50;
  for (std::uint32_t n = 0; n < kEnd; ++n) {
    const std::uint32_t slot = record - at(0).types[index(kFan)].monitor_base;
    fall(kFan, Handle::make(ShardId{0}, slot, 1));
    for (int skip = 0; skip < 100; ++skip) record = at(0).monitors[record].next;
  }
  run();
  EXPECT_EQ(downs, kFans - kEnd);
  EXPECT_EQ(star().free_count + star().live, star().slots);
}

TEST_F(Watchers, OfAShardThatStopsAreAllToldBeforeItSaysSo) {
  boot(2, true);
  ASSERT_GT(at(1).links[0].watched, 15'000u);
  at(0).stop_order = true;
  for (int i = 0; i < 1'000 && !at(0).tree.ended(); ++i) one_pass(0);
  ASSERT_TRUE(at(0).tree.ended());
  EXPECT_EQ(at(0).first_telling, kNoYield);
  for (int i = 0; i < 100; ++i) one_pass(1);
  EXPECT_EQ(at(1).links[0].watched, 0u);
}

TEST_F(Watchers, OfAShardThatGivesUpAreToldInManyPasses) {
  boot(2, true);
  const std::uint64_t far = at(1).links[0].watched;
  ASSERT_GT(far, 15'000u);
  say(at(0), Standing::kQuarantined);
  std::uint64_t passes = 0;
  for (std::uint64_t before = downs; downs < far; before = downs, ++passes) {
    one_pass(1);
    ASSERT_LE(downs - before, kToldPerPass);
    ASSERT_LT(passes, 100u);
  }
  EXPECT_GE(passes, 4u);
  EXPECT_EQ(downs, far);
}

}  // namespace
}  // namespace tina::internal
