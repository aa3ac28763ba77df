// SPDX-License-Identifier: Apache-2.0
// The goal: a message to another shard is delivered once, in order, or refused with a reason that
// is counted; nothing vanishes between two shards, also under a flood and when the receiver is dead
// or full.
#include "shard_fixture.h"

namespace tina::internal {
namespace {

using probe::Act;
using probe::contract::kKeeper;
using probe::contract::kWorker;

/// Two shards of the probe system in one thread: the test runs their passes in turn.
class Transport : public ::testing::Test {
 protected:
  struct Side {
    HandPlatform platform;
    probe::Config config;
    ShardParts* parts = nullptr;
  };

  void SetUp() override {
    probe::seen.clear();
    ASSERT_TRUE(install_trap_handlers());
    stack_.resize(alternate_stack_size());
    for (std::uint16_t i = 0; i < 2; ++i) {
      shards_.push_back(std::make_unique<Shard>());
      ASSERT_TRUE(shards_[i]->build(probe::probe::kSystem, &sides_[i].config, ShardId{i},
                                    placement_, false));
      sides_[i].parts = &shards_[i]->parts;
    }
    connect(shards_);
    for (std::uint16_t i = 0; i < 2; ++i) {
      start(*shards_[i], sides_[i].platform.now, 0, HandPlatform::calls(), &sides_[i].platform);
      run(i);
    }
  }
  void TearDown() override {
    enter_shard_thread(nullptr, nullptr, 0);
    for (const auto& shard : shards_) shard->destroy();
  }

  /// Passes of shard `i` until it rests; publishes what it sent.
  void run(unsigned i) {
    ASSERT_TRUE(enter_shard_thread(sides_[i].parts, stack_.data(), stack_.size()));
    ShardParts* const peers[] = {sides_[0].parts, sides_[1].parts};
    while (pass(*sides_[i].parts, sides_[i].platform) > 0) {
    }
    publish_outbound(
        *sides_[i].parts, peers, [](void* wakes, unsigned) { ++*static_cast<int*>(wakes); },
        &wakes_);
  }
  /// Sends from shard 0 to the keeper of shard 1.
  SendResult send_across(std::uint64_t value, Act act = Act::NOTHING) {
    const Handle keeper = Handle::make(ShardId{1}, 0, type(1).meta[0].generation);
    const SendResult result =
        send_local(*sides_[0].parts, kKeeper, keeper, 0, probe::Order{.act = act, .value = value});
    set_phase(*sides_[0].parts, Phase::kRuntime);
    return result;
  }
  TypeBlock& type(unsigned shard, TypeId id = kKeeper) {
    return sides_[shard].parts->types[index(id)];
  }

  Placement placement_{probe::probe::kSystem, 2};
  std::vector<std::unique_ptr<Shard>> shards_;
  Side sides_[2];
  std::vector<std::byte> stack_;
  int wakes_ = 0;
};

TEST_F(Transport, DeliversInOrderAfterThePublish) {
  for (std::uint64_t i = 0; i < 5; ++i) ASSERT_EQ(send_across(i), SendResult::kQueued);
  run(1);
  EXPECT_EQ(type(1).count.delivered, 0u) << "nothing is shown before the pass ends";
  run(0);
  run(1);
  std::uint64_t expected = 0;
  for (const auto& [what, value] : probe::seen) {
    if (what != "keeper.order") continue;
    EXPECT_EQ(value, expected++);
  }
  EXPECT_EQ(expected, 5u);
}

TEST_F(Transport, AFullRingRefusesAtOnceAndRecovers) {
  std::uint64_t sent = 0;
  while (send_across(sent) == SendResult::kQueued) ++sent;
  EXPECT_EQ(sent, 64u) << "the declared capacity of the channel";
  EXPECT_EQ(send_across(0), SendResult::kRingFull);
  EXPECT_EQ(sides_[0].parts->counters.ring_refused, 2u);
  run(0);
  run(1);
  EXPECT_EQ(send_across(0), SendResult::kQueued);
}

TEST_F(Transport, EveryMessageOfAFloodIsAccountedFor) {
  std::uint64_t accepted = 0;
  std::uint64_t refused = 0;
  for (std::uint64_t round = 0; round < 20'000; ++round) {
    for (int i = 0; i < 13; ++i) ++(send_across(round) == SendResult::kQueued ? accepted : refused);
    run(0);
    if (round % 7 == 0) run(1);  // a slow receiver: its mailbox has 8 places
  }
  run(1);
  const TypeCounters& count = type(1).count;
  EXPECT_EQ(accepted, count.accepted + count.refused_full + count.refused_dead);
  EXPECT_EQ(count.accepted, count.delivered + count.stale + type(1).queued());
  EXPECT_EQ(refused, sides_[0].parts->counters.ring_refused);
  EXPECT_GT(count.refused_full, 0u);
  EXPECT_GT(refused, 0u);
}

TEST_F(Transport, AMessageToADeadIsolateOfAnotherShardIsCounted) {
  const Handle old = Handle::make(ShardId{1}, 0, type(1).meta[0].generation);
  ASSERT_EQ(send_across(1, Act::CRASH), SendResult::kQueued);
  run(0);
  run(1);  // crashed and restarted: another generation
  const SendResult result = send_local(*sides_[0].parts, kKeeper, old, 0, probe::Order{.value = 2});
  set_phase(*sides_[0].parts, Phase::kRuntime);
  ASSERT_EQ(result, SendResult::kQueued) << "the sender cannot know";
  run(0);
  run(1);
  EXPECT_EQ(type(1).count.refused_dead, 1u);
}

TEST_F(Transport, AShardThatDoesNotExistIsDead) {
  const SendResult result =
      send_local(*sides_[0].parts, kKeeper, Handle::make(ShardId{5}, 0, 1), 0, probe::Order{});
  set_phase(*sides_[0].parts, Phase::kRuntime);
  EXPECT_EQ(result, SendResult::kDead);
}

TEST_F(Transport, ASleepingPeerIsWokenOncePerSleep) {
  sides_[1].parts->sleep_flag.announce_sleep();
  ASSERT_TRUE(inbound_empty(*sides_[1].parts));
  ASSERT_EQ(send_across(1), SendResult::kQueued);
  run(0);
  EXPECT_EQ(wakes_, 1);
  EXPECT_FALSE(inbound_empty(*sides_[1].parts));
  ASSERT_EQ(send_across(2), SendResult::kQueued);
  run(0);
  EXPECT_EQ(wakes_, 1) << "it is on its way";
  EXPECT_TRUE(sides_[1].parts->sleep_flag.clear());
}

}  // namespace
}  // namespace tina::internal
