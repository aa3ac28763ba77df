// SPDX-License-Identifier: Apache-2.0
// The goal: a call to another shard is answered exactly once, whatever happens to either side; its
// answer always finds its place; nothing that cannot be delivered blocks what is behind it.
#include "calls_fixture.h"

namespace tina::internal {
namespace {

class Remote : public CallShards {};

TEST_F(Remote, ACallIsAnsweredFromTheOtherShard) {
  boot(2);
  const auto to = server(1);
  const auto from = client(0);
  order(from, {.act = Act::TWO, .value = 7, .server = to});
  run_both();
  EXPECT_EQ(values("reply"), (Values{7, 8}));
  EXPECT_EQ(at(0).links[1].promised, 0u);
}

TEST_F(Remote, WhatCannotBeDeliveredIsAnsweredAndBlocksNobody) {
  boot(2);
  const auto gone = server(1);
  poke(gone, Act::END);
  run_both();
  const auto to = server(1);
  const auto from = client(0);
  order(from, {.act = Act::GET, .value = 1, .server = gone});
  order(from, {.act = Act::GET, .value = 2, .server = to});
  run_both();
  EXPECT_EQ(values("rejected"), one(Failure::kDead));
  EXPECT_EQ(values("reply"), Values{2});
  type(kServer, 1).meta[to.handle.slot()].pending += 3;
  order(from, {.act = Act::GET, .value = 3, .server = to});
  run_both();
  type(kServer, 1).meta[to.handle.slot()].pending -= 3;
  EXPECT_EQ(values("rejected").back(), static_cast<std::uint64_t>(Failure::kFull));
}

TEST_F(Remote, ACrashAndARefusalAreTold) {
  boot(2);
  auto to = server(1);
  const auto from = client(0);
  order(from, {.act = Act::GET, .inner = Act::FAULT, .value = 1, .server = to});
  run_both();
  to = server(1);
  poke(to, Act::CLOSE);
  order(from, {.act = Act::GET, .value = 1, .server = to});
  run_both();
  EXPECT_EQ(values("rejected"), (Values{static_cast<std::uint64_t>(Failure::kCrashed),
                                        static_cast<std::uint64_t>(Failure::kRefused)}));
  EXPECT_EQ(at(0).links[1].promised, 0u);
}

TEST_F(Remote, ATokenAnswersAcrossOrGivesThePlaceBack) {
  boot(2);
  const auto to = server(1);
  const auto from = client(0);
  order(from, {.act = Act::SLOW, .value = 1, .server = to});
  run_both();
  poke(to, Act::ANSWER, 5);
  run_both();
  EXPECT_EQ(values("slow.reply"), Values{5});
  order(from, {.act = Act::SLOW, .value = 2, .server = to});
  run_both();
  EXPECT_EQ(at(0).links[1].promised, 1u);
  run_for(25);
  run_both();
  EXPECT_EQ(values("slow.failed"), one(Failure::kTimeout));
  EXPECT_EQ(at(0).links[1].promised, 0u);
  EXPECT_EQ(count(kClient).late, 0u);
}

TEST_F(Remote, WithoutAPlaceForTheAnswerACallIsRejectedAtOnce) {
  boot(2);
  const auto to = server(1);
  const auto from = client(0);
  PeerLink& link = at(0).links[1];
  EXPECT_EQ(link.promises, promises(*at(0).role, at(0).role->inbound[0]));
  ASSERT_GT(link.promises, 0u);
  const std::uint32_t taken = link.promised;
  link.promised = link.promises;
  order(from, {.act = Act::GET, .value = 1, .server = to});
  run(0);
  EXPECT_EQ(values("rejected"), one(Failure::kRingFull));
  link.promised = taken;
  order(from, {.act = Act::GET, .value = 2, .server = to});
  run_both();
  EXPECT_EQ(values("reply"), Values{2});
}

TEST_F(Remote, AnAnswerFindsItsPlaceInARingFullOfMessages) {
  boot(2);
  const auto to = server(1);
  const auto from = client(0);
  order(from, {.act = Act::TWO, .value = 1, .server = to});
  pass_of(0);
  // Shard 1 floods the ring back before it sees the calls.
  int sent = 0;
  while (send(kClient, from.handle, 0, calls::Order{}, 1) == SendResult::kQueued) ++sent;
  EXPECT_GT(sent, 0);
  run(1);
  run_both();
  EXPECT_EQ(values("reply"), (Values{1, 2}));
}

TEST_F(Remote, AShardThatGaveUpIsQuarantined) {
  boot(2);
  const auto to = server(1);
  const auto from = client(0);
  order(from, {.act = Act::SLOW, .value = 1, .server = to});
  run_both();
  say(at(1), Standing::kQuarantined);
  run(0);
  EXPECT_EQ(values("slow.failed"), one(Failure::kQuarantined));
  order(from, {.act = Act::GET, .value = 2, .server = to});
  run(0);
  EXPECT_EQ(values("rejected"), one(Failure::kQuarantined));
}

TEST_F(Remote, TenThousandCallsLeaveNoPromise) {
  boot(2);
  auto to = server(1);
  auto from = client(0);
  std::uint64_t random = 5;
  const Act acts[] = {Act::GET, Act::SLOW, Act::TWO, Act::LEAVE, Act::WATCH, Act::UNWATCH};
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const std::uint64_t pick = random >> 33;
    const calls::Order order{.act = acts[pick % 6], .value = i, .server = to};
    if (send(kClient, from.handle, 0, order, 0) == SendResult::kDead) from = client(0);
    if (pick % 7 == 0) {
      const calls::Poke poke{.act = pick % 3 == 0 ? Act::CRASH : Act::ANSWER, .value = i};
      if (send(kServer, to.handle, 0, poke, 1) == SendResult::kDead) to = server(1);
    }
    if (pick % 2 == 0) pass_of(0);
    if (pick % 3 == 0) pass_of(1);
    if (pick % 17 == 0) {
      sides_[0].platform.now += 2'000'000;
      sides_[1].platform.now += 2'000'000;
    }
  }
  order(from, {.act = Act::END});
  run_for(50);
  run_both();
  EXPECT_GT(count(kClient, 0).replied, 100u);
  EXPECT_EQ(count(kClient, 0).outstanding, 0u);
  EXPECT_EQ(at(0).links[1].promised, 0u);
}

}  // namespace
}  // namespace tina::internal
