// SPDX-License-Identifier: Apache-2.0
// The goal: a shard that is restarted leaves nothing of before: who lived there is dead, who called
// or watched it is told, nothing is lost from the books, and it comes back with the same tree.
#include "calls_fixture.h"
#include "strict.system.h"

namespace tina::internal {
namespace {

class Restart : public CallShards {
 protected:
  void SetUp() override {
    CallShards::SetUp();
    calls::crash_on_news = false;
    system_ = &calls::strict::kSystem;
  }
  /// A memory fault in a server of the shard.
  void fault(unsigned shard) {
    order_fault(server(shard));
    run_both();
  }
  /// As far as the client and the server still can.
  void keep_a_call_open(tina::Ref<calls::Client>& from, tina::Ref<calls::Server> to) {
    run_both();
    if (!type(kClient, 0).lives(from.handle)) from = client(0);
    order(from, {.act = Act::LEAVE});
    order(from, {.act = Act::SLOW, .value = 1, .server = to});
    run_both();
  }
  void order_fault(tina::Ref<calls::Server> who) { poke(who, Act::FAULT); }
  std::uint64_t restarts(unsigned shard) { return at(shard).counters.shard_restarts; }
};

TEST_F(Restart, EndsCallsMonitorsAndReferencesAndIsTold) {
  boot(2);
  const auto to = server(1);
  const auto from = client(0);
  const auto watcher = client(0);
  order(from, {.act = Act::SLOW, .value = 1, .server = to});
  order(watcher, {.act = Act::WATCH, .server = to});
  run_both();
  const Handle keeper = at(1).tree.resolve(at(1), at(1).tree.child(0).place, 0);
  fault(1);
  EXPECT_EQ(at(1).tree.phase(), TreePhase::kRunning);
  EXPECT_EQ(restarts(1), 1u);
  EXPECT_EQ(restarts(0), 0u) << "its peers go on";
  EXPECT_EQ(values("slow.failed"), one(Failure::kEnded));
  EXPECT_EQ(values("down"), one(sys::Why::kKilled));
  EXPECT_EQ(values("restarted"), (Values{1, 1})) << "both clients of shard 0";
  EXPECT_EQ(values("restarts"), (Values{1, 1}));
  EXPECT_EQ(at(0).links[1].promised, 0u);
  EXPECT_EQ(type(kServer, 1).live, 0u);
  EXPECT_FALSE(type(kKeeper, 1).lives(keeper));
  order(from, {.act = Act::GET, .value = 1, .server = to});
  run_both();
  EXPECT_EQ(values("rejected"), one(Failure::kDead));
  order(from, {.act = Act::GET, .value = 7, .server = server(1)});
  run_both();
  EXPECT_EQ(values("reply"), Values{7});
}

TEST_F(Restart, IsOfTheWholeShardOnlyAfterAMemoryFault) {
  boot(2);
  poke(server(1), Act::CRASH);
  run_both();
  EXPECT_EQ(restarts(1), 0u);
}

TEST_F(Restart, RunsNoFurtherHandlerOfWhoeverSharesTheMemory) {
  boot(2);
  const auto before = client(1);
  const auto first = server(1);
  const auto second = server(1);
  order(before, {.act = Act::GET, .value = 3, .server = second});
  order_fault(first);
  poke(second, Act::CRASH);
  const std::uint64_t delivered = count(kServer, 1).delivered;
  run_both();
  EXPECT_EQ(restarts(1), 1u);
  EXPECT_EQ(count(kServer, 1).delivered, delivered + 1) << "the one that faulted";
  EXPECT_EQ(count(kServer, 1).crashed, 1u);
  EXPECT_EQ(count(kServer, 1).stale, 1u) << "who was to run after it has ended unheard";
  EXPECT_EQ(at(1).tree.phase(), TreePhase::kRunning) << "and it comes back";
  EXPECT_FALSE(at(1).tree.halted());
}

TEST_F(Restart, OfTheCallersShardLeavesNoAnswerOwed) {
  boot(2);
  const auto to = server(0);
  order(client(1), {.act = Act::SLOW, .value = 1, .server = to});
  run_both();
  fault(1);
  poke(to, Act::ANSWER, 5);
  run_both();
  EXPECT_EQ(values("slow.reply"), Values{});
  EXPECT_EQ(count(kClient, 1).abandoned, 1u);
  EXPECT_EQ(count(kClient, 1).late, 1u);
  EXPECT_EQ(at(1).links[0].promised, 0u);
}

TEST_F(Restart, TooOftenIsAQuarantine) {
  boot(2);
  const auto from = client(0);
  for (int i = 0; i < 3; ++i) fault(1);
  EXPECT_EQ(at(1).tree.phase(), TreePhase::kRunning);
  fault(1);
  EXPECT_EQ(at(1).tree.phase(), TreePhase::kQuarantined);
  EXPECT_EQ(restarts(1), 3u);
  EXPECT_EQ(values("quarantined"), Values{1});
  EXPECT_TRUE(type(kClient, 0).lives(from.handle));
}

TEST_F(Restart, ForgetsNoOrderToStop) {
  boot(2);
  order_fault(server(1));
  at(1).stop_order.store(true);
  run(1);
  EXPECT_EQ(at(1).tree.phase(), TreePhase::kStopped);
  EXPECT_EQ(at(1).state.read().epoch, 0u) << "it has not come back for that";
}

TEST_F(Restart, OverAndOverInAStormOfCallsLosesNothing) {
  boot(2);
  auto to = server(1);
  auto from = client(0);
  std::uint64_t random = 11;
  std::uint64_t seen = 0;
  const Act acts[] = {Act::GET, Act::SLOW, Act::TWO, Act::LEAVE, Act::WATCH, Act::UNWATCH};
  for (std::uint64_t i = 0; i < 6'000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const std::uint64_t pick = random >> 33;
    const calls::Order order{.act = acts[pick % 6], .value = i, .server = to};
    if (send(kClient, from.handle, 0, order, 0) == SendResult::kDead) from = client(0);
    if (pick % 11 == 0 && type(kServer, 1).lives(to.handle)) {
      const Act act = pick % 5 == 0 ? Act::FAULT : Act::ANSWER;
      if (act == Act::FAULT) keep_a_call_open(from, to);
      if (send(kServer, to.handle, 0, calls::Poke{.act = act}, 1) == SendResult::kDead) continue;
    }
    if (pick % 2 == 0) pass_of(0);
    if (pick % 3 == 0) pass_of(1);
    if (restarts(1) > seen) {
      seen = restarts(1);
      run_both();
      for (Side& side : sides_) side.platform.now += 21'000'000'000;
    }
    if (!type(kServer, 1).lives(to.handle) && at(1).tree.phase() == TreePhase::kRunning) {
      to = server(1);
    }
    ASSERT_FALSE(at(1).tree.ended());
  }
  order(from, {.act = Act::END});
  run_for(50);
  run_both();
  EXPECT_GT(restarts(1), 20u);
  EXPECT_EQ(at(1).state.read().epoch, restarts(1));
  EXPECT_GT(count(kClient, 0).call_crashed + count(kClient, 0).call_ended, 10u);
  EXPECT_EQ(count(kClient, 0).outstanding, 0u);
  EXPECT_EQ(at(0).links[1].promised, 0u);
  EXPECT_EQ(at(0).links[1].watched, 0u);
}

}  // namespace
}  // namespace tina::internal
