// SPDX-License-Identifier: Apache-2.0
// The goal: whoever always has something to run leaves the others their share: other types by their
// weights, isolates of its own type, other shards' messages, and control above all.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "clerk.h"
#include "doomed.h"
#include "fair.system.h"
#include "hand_platform.h"
#include "heavy.h"
#include "hoarder.h"
#include "insistent.h"
#include "light.h"
#include "neighbour.h"
#include "src/mailbox.h"
#include "yielder.h"

namespace tina::internal {
namespace {

using fair::counts;
using fair::Go;
using fair::Step;
using fair::contract::kClerk;
using fair::contract::kDoomed;
using fair::contract::kHeavy;
using fair::contract::kHoarder;
using fair::contract::kInsistent;
using fair::contract::kLight;
using fair::contract::kNeighbour;
using fair::contract::kYielder;

/// Shards of the fair system in one thread, on platforms that the test holds in its hands.
class Fairness : public ::testing::Test {
 protected:
  void SetUp() override {
    counts = {};
    fair::clock_ns = nullptr;
    fair::cost_ns = 0;
    ASSERT_TRUE(install_trap_handlers());
    stack_.resize(alternate_stack_size());
  }
  void TearDown() override {
    enter_shard_thread(nullptr, nullptr, 0);
    for (const auto& shard : shards_) shard->destroy();
  }
  void boot(std::uint16_t shards = 1) {
    placement_ = std::make_unique<Placement>(fair::fair::kSystem, shards);
    for (std::uint16_t i = 0; i < shards; ++i) {
      shards_.push_back(std::make_unique<Shard>());
      ASSERT_TRUE(shards_[i]->build(fair::fair::kSystem, &config_, ShardId{i}, *placement_, false));
    }
    connect(shards_);
    for (std::uint16_t i = 0; i < shards; ++i) {
      start(*shards_[i], platform_.now, 0, HandPlatform::calls(), &platform_);
      for (int n = 0; n < 20; ++n) one_pass(i);
      ASSERT_EQ(at(i).tree.phase(), TreePhase::kRunning);
    }
  }
  ShardParts& at(unsigned shard) { return shards_[shard]->parts; }

  std::uint32_t one_pass(unsigned shard = 0) {
    EXPECT_TRUE(enter_shard_thread(&at(shard), stack_.data(), stack_.size()));
    const std::uint32_t work = pass(at(shard), platform_);
    std::vector<ShardParts*> peers;
    for (const auto& each : shards_) peers.push_back(&each->parts);
    publish_outbound(at(shard), peers, [](void*, unsigned) {}, nullptr);
    for (unsigned i = 0; i < at(shard).type_count; ++i) {
      EXPECT_TRUE(messages_add_up(at(shard).types[i])) << at(shard).types[i].table->name;
    }
    return work;
  }
  template <class Message>
  std::uint16_t tag_of(TypeId to) {
    const std::span<const char* const> taken = at(0).types[index(to)].table->messages;
    const std::string name = std::is_same_v<Message, Go>     ? "Go"
                             : std::is_same_v<Message, Step> ? "Step"
                                                             : "Item";
    return static_cast<std::uint16_t>(std::find(taken.begin(), taken.end(), name) - taken.begin());
  }
  /// Sends to an isolate of shard 0 as a handler of shard `from` would.
  template <class Message>
  SendResult send(TypeId to, std::uint32_t slot, unsigned from = 0) {
    const SendResult result =
        send_local(at(from), to, Handle::make(ShardId{0}, slot, 1), tag_of<Message>(to), Message{});
    set_phase(at(from), Phase::kRuntime);
    return result;
  }
  void queued(SendResult result) { EXPECT_EQ(result, SendResult::kQueued); }

  fair::Config config_;
  HandPlatform platform_;
  std::unique_ptr<Placement> placement_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::byte> stack_;
};

TEST_F(Fairness, TypesThatAlwaysHaveMessagesShareCallsByTheirWeights) {
  boot();
  queued(send<Step>(kLight, 0));
  queued(send<Step>(kHeavy, 0));
  const std::uint32_t share = at(0).types[index(kLight)].share;
  EXPECT_EQ(at(0).types[index(kHeavy)].share, 3 * share);
  for (std::uint64_t i = 1; i <= 100; ++i) {
    one_pass();
    EXPECT_EQ(counts.heavy[0], 3 * counts.light[0]) << "after pass " << i;
    EXPECT_EQ(counts.light[0], 2048 * i);
  }
}

TEST_F(Fairness, IsolatesOfATypeShareItInTurn) {
  boot();
  queued(send<Step>(kLight, 0));
  queued(send<Step>(kLight, 1));
  for (int i = 0; i < 10; ++i) one_pass();
  EXPECT_EQ(counts.light[0], counts.light[1]);
}

TEST_F(Fairness, SlowHandlersShortenRoundsAndKeepTheShares) {
  boot();
  fair::clock_ns = &platform_.now;
  fair::cost_ns = 100'000;
  queued(send<Step>(kLight, 0));
  queued(send<Step>(kHeavy, 0));
  for (int i = 0; i < 30; ++i) one_pass();
  const fair::Counts before = counts;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t begun = platform_.now;
    one_pass();
    EXPECT_LE(platform_.now - begun, 2 * kPassTimeNs);
  }
  EXPECT_EQ(counts.heavy[0] - before.heavy[0], 3 * (counts.light[0] - before.light[0]));
  EXPECT_GT(counts.light[0], before.light[0]);
  fair::cost_ns = 10;
  for (int i = 0; i < 100; ++i) one_pass();
  EXPECT_EQ(at(0).pace, 0) << "quick handlers have whole rounds again";
}

TEST_F(Fairness, APassOfFewButVerySlowCallsShortensTheNext) {
  boot();
  fair::clock_ns = &platform_.now;
  fair::cost_ns = 10'000'000;
  queued(send<Step>(kClerk, 0));
  one_pass();
  EXPECT_EQ(at(0).pace, 0);
  queued(send<Step>(kClerk, 0));
  one_pass();
  EXPECT_EQ(at(0).pace, 1);
  EXPECT_EQ(at(0).counters.pass_ns_max, 10'000'000u);
  fair::cost_ns = 1'000;
  one_pass();
  platform_.now += 60'000'000'000;
  one_pass();
  EXPECT_EQ(at(0).counters.pass_ns_max, 10'000'000u) << "rest is no pass";
}

TEST_F(Fairness, AYieldLoopStarvesNeitherItsTypeNorOthers) {
  boot();
  for (std::uint32_t slot = 1; slot < 300; ++slot) queued(send<Go>(kYielder, slot));
  one_pass();
  for (int i = 0; i < 50; ++i) {
    const fair::Counts before = counts;
    queued(send<Step>(kYielder, 0));
    queued(send<Step>(kYielder, 7));
    queued(send<Step>(kClerk, 0));
    one_pass();
    EXPECT_EQ(counts.yields, before.yields + 299) << "each of them once in a pass";
    EXPECT_EQ(counts.yielder_steps, before.yielder_steps + 2);
    EXPECT_EQ(counts.clerk_steps[0], before.clerk_steps[0] + 1);
  }
}

TEST_F(Fairness, ResultsWithoutEndStarveNeitherTheirTypesMailboxesNorOthers) {
  boot();
  queued(send<Go>(kInsistent, 0));
  one_pass();
  ASSERT_GE(counts.insisted[0], kCallsPerPass / 2) << "the loop goes on within a pass";
  for (int i = 0; i < 50; ++i) {
    const fair::Counts before = counts;
    queued(send<Step>(kInsistent, 1));
    queued(send<Step>(kClerk, 0));
    one_pass();
    EXPECT_EQ(counts.insistent_steps[1], before.insistent_steps[1] + 1);
    EXPECT_EQ(counts.clerk_steps[0], before.clerk_steps[0] + 1);
  }
}

TEST_F(Fairness, ResultsWithoutEndAreHandledBeforeTheirIsolatesMessageButNotForEver) {
  boot();
  queued(send<Go>(kInsistent, 0));
  one_pass();
  queued(send<Step>(kInsistent, 0));
  queued(send<Step>(kInsistent, 1));
  one_pass();
  EXPECT_EQ(counts.insistent_steps[0], 1u);
  EXPECT_EQ(counts.insistent_steps[1], 1u);
}

TEST_F(Fairness, WhosesoeverTurnItIsAnIsolatesResultsGoBeforeItsMessages) {
  boot();
  for (std::uint32_t turn = 0; turn < 64; ++turn) {
    queued(send<Go>(kClerk, 0));
    for (int i = 0; i < 3; ++i) queued(send<Step>(kClerk, 1));
    one_pass();
    platform_.now += 6'000'000;
    queued(send<Step>(kClerk, 2));
    const fair::Counts before = counts;
    at(0).types[index(kClerk)].turns = turn;
    one_pass();
    EXPECT_EQ(counts.bells, before.bells + 1);
    EXPECT_EQ(counts.steps_at_bell, before.clerk_steps[0]) << "at turn " << turn;
  }
}

TEST_F(Fairness, DeferredMessagesGoBeforeLaterOnesHoweverManyTheyAre) {
  boot();
  const auto item = [this](std::uint32_t slot, std::uint64_t number) {
    queued(send_local(at(0), kHoarder, Handle::make(ShardId{0}, slot, 1),
                      tag_of<fair::Item>(kHoarder), fair::Item{.number = number}));
    set_phase(at(0), Phase::kRuntime);
  };
  for (std::uint64_t n = 0; n < 1'500; ++n) item(0, n);
  one_pass();
  ASSERT_EQ(at(0).types[index(kHoarder)].count.waiting, 1'500u);
  queued(send<Go>(kHoarder, 0));
  queued(send<Go>(kHoarder, 1));
  for (std::uint64_t n = 0; n < 400; ++n) item(0, 1'500 + n);
  for (std::uint64_t n = 0; n < 900; ++n) item(1, n);
  for (int i = 0; i < 5; ++i) one_pass();
  EXPECT_EQ(counts.in_order, 2'800u);
  EXPECT_EQ(counts.out_of_order, 0u);
}

TEST_F(Fairness, ControlIsHandledInThePassInWhichItComes) {
  boot();
  for (std::uint32_t slot = 0; slot < 2; ++slot) {
    queued(send<Step>(kLight, slot));
    queued(send<Step>(kHeavy, slot));
    queued(send<Go>(kInsistent, slot));
  }
  for (std::uint32_t slot = 0; slot < 300; ++slot) queued(send<Go>(kYielder, slot));
  queued(send<Go>(kClerk, 0));
  queued(send<Go>(kClerk, 1));
  one_pass();
  ASSERT_GT(counts.clerk_steps[0], 0u) << "its own mailbox is never empty";
  EXPECT_EQ(counts.bells, 0u);
  platform_.now += 6'000'000;
  one_pass();
  EXPECT_EQ(counts.bells, 2u) << "a timer";
  ask_shutdown(at(0), at(0).types[index(kClerk)], 1);
  one_pass();
  EXPECT_EQ(counts.downs, 1u) << "a shutdown, and the Down of who watched";
}

TEST_F(Fairness, ACrashLoopOfOneRefusesNobodyElsesMessages) {
  boot();
  TypeBlock& type = at(0).types[index(kDoomed)];
  for (std::uint64_t i = 1; i <= 2'000; ++i) {
    const Handle doomed = Handle::make(ShardId{0}, 0, type.meta[0].generation);
    while (send_local(at(0), kDoomed, doomed, tag_of<Go>(kDoomed), Go{}) == SendResult::kQueued) {
    }
    set_phase(at(0), Phase::kRuntime);
    for (int n = 0; n < 4; ++n) queued(send<Step>(kDoomed, 1));  // all of its places
    while (one_pass() > 0) {
    }
    while (at(0).log.peek() != nullptr) at(0).log.pop();
    platform_.now += 2'000'000;
    ASSERT_EQ(counts.doomed_steps, 4 * i) << "an index out of range reads nothing";
    ASSERT_EQ(type.count.crashed, i);
  }
  EXPECT_EQ(type.count.stale, 2'000u * 3) << "what else was in the mailbox of the one that crashed";
  EXPECT_EQ(type.count.restarted, 2'000u);
  EXPECT_EQ(type.meta[1].generation, 1u);
}

TEST_F(Fairness, AFloodFromAnotherShardLeavesRoomToNeighboursAndToOtherShards) {
  boot(3);
  queued(send<Go>(kNeighbour, 0));
  std::uint64_t taken[3] = {0, 0, 0};
  std::uint64_t sent[3] = {0, 0, 0};
  const TypeCounters& clerk = at(0).types[index(kClerk)].count;
  for (int i = 0; i < 300; ++i) {
    for (unsigned from = 1; from < 3; ++from) {
      while (send<Step>(kClerk, 0, from) == SendResult::kQueued) ++sent[from];
      one_pass(from);
    }
    const std::uint32_t first = at(0).first_ring;
    const std::uint64_t accepted = clerk.accepted;
    const std::uint64_t own = counts.queued;
    one_pass(0);
    taken[first + 1] += clerk.accepted - accepted - (counts.queued - own);
  }
  EXPECT_GT(sent[1], 300u * 20);
  EXPECT_EQ(taken[1], taken[2]) << "each ring is first in turn";
  EXPECT_EQ(counts.queued, 150u) << "a local sender comes before the flood in every other pass";
  EXPECT_EQ(counts.queued + counts.full, 300u);
}

}  // namespace
}  // namespace tina::internal
