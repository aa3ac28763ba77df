// SPDX-License-Identifier: Apache-2.0
// The goal: a connection in a message has one holder at each moment, on whatever shard, and is
// closed exactly once when its message finds no room, nobody, an end or a crash; its sender learns
// what it can learn, the rest is counted.
#include <gtest/gtest.h>

#include <memory>

#include "hand_platform.h"
#include "handover.system.h"
#include "line.h"
#include "porter.h"
#include "src/isolate_streams.h"
#include "src/mailbox.h"
#include "taker.h"

namespace tina::internal {
namespace {

using handover::Give;
using handover::contract::kLine;
using handover::contract::kTaker;
using Descriptors = std::vector<std::int32_t>;
using Results = std::vector<SendResult>;

/// Two shards in one thread; the test runs their passes.
class Handover : public ::testing::Test {
 protected:
  struct Side {
    HandPlatform platform;
    handover::Config config;
    ShardParts* parts = nullptr;
  };

  void SetUp() override {
    handover::give = Give::kByPath;
    handover::number = handover::kSpawn;
    handover::target = ShardId{1};
    handover::sent.clear();
    handover::left.clear();
    handover::spawned.clear();
    handover::took.clear();
    ASSERT_TRUE(install_trap_handlers());
    stack_.resize(alternate_stack_size());
    for (std::uint16_t i = 0; i < 2; ++i) {
      shards_.push_back(std::make_unique<Shard>());
      ASSERT_TRUE(shards_[i]->build(handover::handover::kSystem, &sides_[i].config, ShardId{i},
                                    placement_, false));
      sides_[i].parts = &shards_[i]->parts;
    }
    connect(shards_);
    for (std::uint16_t i = 0; i < 2; ++i) {
      start(*shards_[i], sides_[i].platform.now, 0, HandPlatform::calls(), &sides_[i].platform);
      run(i);
    }
    handover::taker = Handle::make(ShardId{1}, 0, type(kTaker, 1).meta[0].generation);
  }
  void TearDown() override {
    for (const Side& side : sides_) {
      EXPECT_TRUE(books_balance(*side.parts));
      EXPECT_LT(side.parts->transit_descriptor, 0);
    }
    enter_shard_thread(nullptr, nullptr, 0);
    for (const auto& shard : shards_) shard->destroy();
  }

  ShardParts& at(unsigned shard) { return *sides_[shard].parts; }
  TypeBlock& type(TypeId id, unsigned shard) { return at(shard).types[index(id)]; }
  const ShardCounters& count(unsigned shard) { return at(shard).counters; }
  Descriptors& closed(unsigned shard) { return sides_[shard].platform.closed; }

  void run(unsigned shard) {
    ASSERT_TRUE(enter_shard_thread(&at(shard), stack_.data(), stack_.size()));
    ShardParts* const peers[] = {sides_[0].parts, sides_[1].parts};
    for (int i = 0; i < 100 && pass(at(shard), sides_[shard].platform) > 0; ++i) {
    }
    publish_outbound(at(shard), peers, [](void*, unsigned) {}, nullptr);
  }
  void run_both() {
    for (int i = 0; i < 4; ++i) run(static_cast<unsigned>(i % 2));
  }
  /// The porter of shard 0 gets a connection; what it sends is shown.
  void accept(std::int32_t descriptor) {
    auto& started = sides_[0].platform.started;
    const auto found = std::find_if(started.rbegin(), started.rend(),
                                    [](const Operation& o) { return o.op == OpCode::kAccept; });
    ASSERT_NE(found, started.rend());
    sides_[0].platform.completions.push_back({found->token, descriptor});
    run(0);
  }
  void order(std::uint32_t what, unsigned shard = 1) {
    const Handle to =
        Handle::make(ShardId{static_cast<std::uint16_t>(shard)}, 0, handover::taker.generation());
    ASSERT_EQ(send_local(at(shard), kTaker, to, 1, handover::Do{what}), SendResult::kQueued);
    set_phase(at(shard), Phase::kRuntime);
    run(shard);
  }
  /// The descriptor on which a shard receives.
  std::int32_t receiving(unsigned shard) {
    for (const Operation& o : sides_[shard].platform.started) {
      if (o.op == OpCode::kReceive || o.op == OpCode::kAwait) return o.descriptor;
    }
    return -1;
  }

  Side sides_[2];

 private:
  const Placement placement_{handover::handover::kSystem, 2};
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::byte> stack_;
};

TEST_F(Handover, MovesAConnectionToAnIsolateOfAnotherShard) {
  for (const Give way : {Give::kByPath, Give::kByRef}) {
    handover::give = way;
    accept(500);
  }
  run(1);
  EXPECT_EQ(handover::sent, (Results{SendResult::kQueued, SendResult::kQueued}));
  EXPECT_EQ(handover::left, (Descriptors{-1, -1})) << "the sender has it no more";
  EXPECT_EQ(handover::spawned, (std::vector{true, true}));
  EXPECT_EQ(receiving(1), 500);
  EXPECT_EQ(receiving(0), -1);
  EXPECT_TRUE(closed(0).empty() && closed(1).empty());
  EXPECT_EQ(count(0).streams_sent, 2u);
  EXPECT_EQ(count(1).streams_taken, 2u);
  EXPECT_EQ(count(1).streams_dropped, 0u);
}

TEST_F(Handover, StaysOnItsShardByTheSameSend) {
  handover::target = ShardId{0};
  accept(500);
  EXPECT_EQ(handover::sent, Results{SendResult::kQueued});
  EXPECT_EQ(receiving(0), 500);
  EXPECT_EQ(count(0).streams_sent, 0u) << "it has crossed nothing";
}

TEST_F(Handover, GoesOnFromShardToShard) {
  handover::number = handover::kPassOn;
  accept(500);
  run_both();
  run_both();
  EXPECT_EQ(handover::took, (std::vector<std::uint32_t>{handover::kPassOn, handover::kSpawn}));
  EXPECT_EQ(receiving(0), 500);
  EXPECT_EQ(count(1).streams_sent, 1u);
}

TEST_F(Handover, IsRefusedByAFullChannelAndStaysWithItsSender) {
  std::int32_t next = 500;
  do {
    accept(next++);
  } while (handover::sent.back() == SendResult::kQueued);
  EXPECT_EQ(handover::sent.back(), SendResult::kRingFull);
  EXPECT_EQ(handover::sent.size(), 5u) << "the channel has places for four";
  EXPECT_EQ(handover::left.back(), next - 1) << "the message still has it";
  EXPECT_EQ(closed(0), Descriptors{next - 1}) << "and its handler has left it";
  EXPECT_EQ(count(0).streams_sent, 4u);
  EXPECT_EQ(count(0).ring_refused, 1u);
}

TEST_F(Handover, IsClosedWhereTheMailboxIsFull) {
  order(handover::kBeDeaf);
  for (std::int32_t i = 0; i < 4; ++i) accept(500 + i);
  run(1);
  EXPECT_EQ(closed(1), Descriptors{503}) << "three are deferred";
  EXPECT_EQ(count(1).streams_dropped, 1u);
  EXPECT_EQ(count(1).remote_shed, 1u);
  sides_[1].platform.now += 61'000'000'000;  // it hears again by its timeout
  run(1);
  EXPECT_EQ(handover::took.size(), 3u);
  EXPECT_EQ(handover::spawned, (std::vector{true, true, false})) << "two slots";
  EXPECT_EQ(closed(1), (Descriptors{503, 502})) << "left by its handler";
}

TEST_F(Handover, IsClosedWhereNobodyLives) {
  order(handover::kLeaveWork);
  for (const Give way : {Give::kByPath, Give::kByRef}) {
    handover::give = way;
    accept(way == Give::kByPath ? 500 : 501);
  }
  run(1);
  EXPECT_EQ(closed(1), (Descriptors{500, 501}));
  EXPECT_EQ(count(1).streams_dropped, 2u);
  run(0);
  EXPECT_EQ(remote_lost(at(0)), 2u) << "its sender sees how many";
}

TEST_F(Handover, IsRefusedOnItsOwnShardWhereNobodyLives) {
  handover::target = ShardId{0};
  order(handover::kLeaveWork, 0);
  accept(500);
  EXPECT_EQ(handover::sent, Results{SendResult::kDead});
  EXPECT_EQ(handover::left, Descriptors{500});
  EXPECT_EQ(closed(0), Descriptors{500});
}

TEST_F(Handover, IsClosedWhenItsReceiverLeavesItCrashesOrEnds) {
  for (const std::uint32_t what : {handover::kLeave, handover::kFail}) {
    handover::number = what;
    accept(500 + static_cast<std::int32_t>(what));
    run(1);
    EXPECT_EQ(closed(1).back(), 500 + static_cast<std::int32_t>(what));
  }
  EXPECT_EQ(closed(1).size(), 2u);
}

TEST_F(Handover, IsClosedWhenItsReceiverEndsBeforeItsTurn) {
  handover::number = handover::kEnd;
  accept(500);
  handover::number = handover::kSpawn;
  accept(501);
  run(1);
  EXPECT_EQ(closed(1), (Descriptors{500, 501})) << "the first by its handler's end";
  EXPECT_EQ(count(1).streams_dropped, 1u);
  EXPECT_EQ(type(kTaker, 1).count.stale, 1u);
}

TEST_F(Handover, IsClosedWhenAnIsolateEndsThatHasDeferredIt) {
  order(handover::kBeDeaf);
  accept(500);
  run(1);
  EXPECT_TRUE(closed(1).empty());
  order(handover::kLeaveWork);
  EXPECT_EQ(closed(1), Descriptors{500});
  EXPECT_EQ(count(1).streams_dropped, 1u);
}

TEST_F(Handover, StandsAlthoughItsSenderCrashes) {
  handover::give = Give::kCrash;
  accept(500);
  run(1);
  EXPECT_EQ(receiving(1), 500);
  EXPECT_EQ(closed(0), Descriptors{100}) << "the listener's socket alone";
}

TEST_F(Handover, IsHandedOverOnce) {
  handover::give = Give::kTwice;
  accept(500);
  run(1);
  EXPECT_EQ(handover::took.size(), 2u) << "the second message has no connection";
  EXPECT_EQ(count(0).streams_sent, 1u);
  EXPECT_EQ(count(1).streams_taken, 1u);
  EXPECT_EQ(handover::spawned, (std::vector{true, true}));
  EXPECT_EQ(type(kLine, 1).live, 1u) << "its isolate finds none, and ends";
}

TEST_F(Handover, OfAHandleThatWasKeptEndsTheIsolate) {
  for (const Give way : {Give::kKept, Give::kSpawnKept}) {
    handover::give = Give::kKeep;
    accept(500);
    EXPECT_EQ(closed(0).back(), 500) << "it ends with the handler";
    handover::give = way;
    const std::uint64_t crashes = count(0).crashes;
    accept(501);
    EXPECT_EQ(count(0).crashes, crashes + 1);
    run_both();
  }
  EXPECT_TRUE(handover::sent.empty() && handover::spawned.empty());
  EXPECT_EQ(count(0).streams_sent, 0u);
  EXPECT_EQ(type(kLine, 0).free_count, 2u) << "no slot is lost";
  EXPECT_EQ(std::count(closed(0).begin(), closed(0).end(), 501), 2) << "each of the second ones";
}

TEST_F(Handover, FindsNobodyOnAShardThatHasEnded) {
  accept(500);
  say(at(1), Standing::kQuarantined);
  accept(501);
  EXPECT_EQ(handover::sent, (Results{SendResult::kQueued, SendResult::kDead}));
  EXPECT_EQ(closed(0), (Descriptors{500, 501})) << "what was on its way, and what was refused";
  EXPECT_EQ(count(0).streams_dropped, 1u);
  EXPECT_EQ(count(0).streams_taken, count(0).streams_sent);
  give_up_streams(at(1));
  EXPECT_TRUE(closed(1).empty()) << "one side closes them, not both";
  run(1);
  EXPECT_TRUE(closed(1).empty());
}

TEST_F(Handover, IsClosedByWhoeverIsLeftOver) {
  accept(500);
  say(at(0), Standing::kQuarantined);
  say(at(1), Standing::kQuarantined);
  give_up_streams(at(1));
  give_up_streams(at(0));
  EXPECT_EQ(closed(1), Descriptors{500});
  EXPECT_TRUE(closed(0).empty());
}

TEST_F(Handover, IsClosedInTheMailboxOfAShardThatHasEnded) {
  const Handle to = Handle::make(ShardId{1}, 0, handover::taker.generation());
  at(1).transit_descriptor = 500;
  handover::Take take{handover::kSpawn, handover::net::tcp_stream(500)};
  ASSERT_EQ(send_owned(at(1), kTaker, to, 0, take), SendResult::kQueued);
  set_phase(at(1), Phase::kRuntime);
  EXPECT_EQ(streams_waiting(at(1)), 1u);
  give_up_streams(at(1));
  EXPECT_EQ(closed(1), Descriptors{500});
  EXPECT_EQ(streams_waiting(at(1)), 0u);
  run(1);
  EXPECT_EQ(closed(1), Descriptors{500});
}

}  // namespace
}  // namespace tina::internal
