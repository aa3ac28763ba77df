// SPDX-License-Identifier: Apache-2.0
// The goal: a call ends exactly once, by a reply, its limit or a rejection that says why, or is
// abandoned; whatever comes later is known as late; whoever takes a call and ends has it answered;
// every call and every message is accounted for at every moment (the fixture looks at each pass).
#include "calls_fixture.h"

namespace tina::internal {
namespace {

class Calls : public CallShards {};

TEST_F(Calls, AReplyComesBackWithItsResultsAndItsTag) {
  boot();
  const auto to = server();
  const auto from = client();
  order(from, {.act = Act::GET, .value = 7, .server = to});
  run();
  EXPECT_EQ(values("server.get"), Values{7});
  EXPECT_EQ(values("reply"), Values{7});
  EXPECT_EQ(values("reply.tag"), Values{7});
  EXPECT_EQ(count(kClient).replied, 1u);
  EXPECT_EQ(count(kClient).outstanding, 0u);
}

TEST_F(Calls, AReplyEndsTheLimitThoughItsTimerStaysArmed) {
  boot();
  const auto to = server();
  const auto from = client();
  order(from, {.act = Act::GET, .value = 7, .server = to});
  run();
  EXPECT_EQ(at(0).wheel->live_count(), 1u) << "it waits for the next call";
  run_for(15);
  poke(to, Act::LOCK);
  run();
  order(from, {.act = Act::GET, .value = 8, .server = to});
  run();
  run_for(8);
  EXPECT_EQ(values("timeout"), Values{}) << "the timer of the first fires, with time left";
  run_for(15);
  EXPECT_EQ(values("timeout"), Values{8}) << "its own limit";
  EXPECT_EQ(count(kClient).timed_out, 1u);
}

TEST_F(Calls, SeveralCallsOfOneEffectEndEach) {
  boot();
  const auto to = server();
  const auto from = client();
  order(from, {.act = Act::TWO, .value = 1, .server = to});
  run();
  EXPECT_EQ(values("reply.tag"), (Values{1, 2}));
}

TEST_F(Calls, OneCallMoreThanTheBudgetIsAFaultOfTheCaller) {
  boot();
  const auto to = server();
  const auto from = client();
  poke(to, Act::LOCK);
  run();
  order(from, {.act = Act::TWO, .value = 1, .server = to});
  order(from, {.act = Act::GET, .value = 3, .server = to});
  run();
  EXPECT_EQ(count(kClient).crashed, 1u);
  EXPECT_EQ(count(kClient).abandoned, 2u);
}

TEST_F(Calls, TheReferenceOfAProtocolReachesWhoeverImplementsIt) {
  boot();
  const auto to = plain();
  const auto from = client();
  order(from, {.act = Act::ASK, .value = 5, .other = to});
  run();
  EXPECT_EQ(values("plain.get"), Values{5});
  EXPECT_EQ(values("reply"), Values{5});
  order(from, {.act = Act::SEND, .value = 6, .other = to});
  order(from, {.act = Act::SEND, .value = 7, .other = server()});
  run();
  EXPECT_EQ(values("plain.put"), Values{6});
  EXPECT_EQ(values("server.put"), Values{7});
  order(from, {.act = Act::ASK, .value = 8});
  run();
  EXPECT_EQ(values("rejected"), one(Failure::kDead)) << "the zero reference is nobody";
}

TEST_F(Calls, AnswerAndEndInOneEffect) {
  boot();
  const auto to = plain();
  const auto from = client();
  order(from, {.act = Act::ASK, .inner = Act::END, .value = 5, .other = to});
  run();
  EXPECT_EQ(values("reply"), Values{5});
  EXPECT_EQ(count(kPlain).ended, 1u);
}

TEST_F(Calls, AFullMailboxRejectsAtOnce) {
  boot();
  const auto to = server();
  const auto from = client();
  for (std::uint64_t i = 0; i < 3; ++i) poke(to, Act::NOTHING, i);
  // The client's type runs after the server's, so that its mailbox is filled again by hand.
  order(from, {.act = Act::GET, .value = 1, .server = to});
  type(kServer).meta[to.handle.slot()].pending += 3;
  run();
  type(kServer).meta[to.handle.slot()].pending -= 3;
  EXPECT_EQ(values("rejected"), one(Failure::kFull));
  EXPECT_EQ(count(kClient).call_full, 1u);
}

TEST_F(Calls, TheDeadRejectAtOnce) {
  boot();
  const auto to = server();
  const auto from = client();
  poke(to, Act::END);
  run();
  order(from, {.act = Act::GET, .value = 1, .server = to});
  run();
  EXPECT_EQ(values("rejected"), one(Failure::kDead));
}

TEST_F(Calls, AStateThatRejectsSaysRefused) {
  boot();
  const auto to = server();
  const auto from = client();
  poke(to, Act::CLOSE);
  order(from, {.act = Act::GET, .value = 1, .server = to});
  run();
  EXPECT_EQ(values("rejected"), one(Failure::kRefused));
  EXPECT_EQ(count(kServer).rejected, 1u);
}

TEST_F(Calls, ACrashOfAnyKindInTheHandlerSaysCrashed) {
  for (const Act act : {Act::CRASH, Act::FAULT, Act::THROW}) {
    shards_.clear();
    calls::seen.clear();
    boot();
    const auto to = server();
    const auto from = client();
    order(from, {.act = Act::GET, .inner = act, .value = 1, .server = to});
    run();
    EXPECT_EQ(values("rejected"), one(Failure::kCrashed)) << static_cast<int>(act);
    EXPECT_EQ(count(kServer).crashed, 1u);
    TearDown();
    shards_.clear();
  }
  boot();
}

TEST_F(Calls, ACallInTheMailboxOfOneThatEndsIsDead) {
  boot();
  const auto to = server();
  const auto from = client();
  order(from, {.act = Act::TWO, .inner = Act::CRASH, .value = 1, .server = to});
  run();
  EXPECT_EQ(values("rejected"), (Values{static_cast<std::uint64_t>(Failure::kCrashed),
                                        static_cast<std::uint64_t>(Failure::kDead)}));
  EXPECT_EQ(values("rejected.tag"), (Values{1, 2}));
}

TEST_F(Calls, ADeferredCallIsHandledLaterOrRejectedWithItsServer) {
  boot();
  const auto to = server();
  const auto from = client();
  poke(to, Act::LOCK);
  order(from, {.act = Act::TWO, .value = 1, .server = to});
  run();
  EXPECT_EQ(values("reply"), Values{});
  EXPECT_EQ(count(kServer).waiting, 2u);
  poke(to, Act::RELEASE);
  run();
  EXPECT_EQ(values("reply"), (Values{1, 2}));
  poke(to, Act::LOCK);
  order(from, {.act = Act::GET, .value = 3, .server = to});
  run();
  poke(to, Act::END);
  run();
  EXPECT_EQ(values("rejected"), one(Failure::kDead));
}

TEST_F(Calls, TheLimitEndsACallAndALateAnswerIsDropped) {
  boot();
  const auto to = server();
  const auto from = client();
  order(from, {.act = Act::SLOW, .value = 1, .server = to});
  run();
  run_for(19);
  EXPECT_EQ(values("slow.failed"), Values{});
  run_for(2);
  EXPECT_EQ(values("slow.failed"), one(Failure::kTimeout));
  poke(to, Act::ANSWER, 9);
  run();
  EXPECT_EQ(values("answered"), Values{static_cast<std::uint64_t>(AnswerResult::kExpired)});
  EXPECT_EQ(values("slow.reply"), Values{});
}

TEST_F(Calls, ARequestWhoseLimitHasPassedIsNotHandled) {
  boot();
  const auto to = server();
  const auto from = client();
  poke(to, Act::LOCK);
  order(from, {.act = Act::GET, .value = 1, .server = to});
  run();
  run_for(30);
  EXPECT_EQ(values("timeout"), Values{1});
  poke(to, Act::RELEASE);
  run();
  EXPECT_EQ(values("server.get"), Values{});
  EXPECT_EQ(count(kServer).expired, 1u);
}

TEST_F(Calls, InThePassOfTheLimitACallEndsOnce) {
  boot();
  const auto to = server();
  const auto from = client();
  order(from, {.act = Act::SLOW, .value = 1, .server = to});
  run();
  sides_[0].platform.now += 21'000'000;
  poke(to, Act::ANSWER, 9);  // handled in the pass in which the limit has passed
  run();
  EXPECT_EQ(values("slow.failed").size() + values("slow.reply").size(), 1u);
}

TEST_F(Calls, LeavingTheStatesThatListTheEndsAbandonsTheCall) {
  boot();
  const auto to = server();
  const auto from = client();
  order(from, {.act = Act::SLOW, .value = 1, .server = to});
  run();
  order(from, {.act = Act::AGAIN});
  run();
  EXPECT_EQ(count(kClient).abandoned, 0u) << "the same state lists them, too";
  order(from, {.act = Act::LEAVE});
  run();
  EXPECT_EQ(count(kClient).abandoned, 1u);
  // The same record carries the next call: an answer to the one before must not end it.
  order(from, {.act = Act::SLOW, .value = 2, .server = to});
  run();
  poke(to, Act::ANSWER, 100);
  run();
  EXPECT_EQ(values("slow.reply"), Values{});
  EXPECT_EQ(count(kClient).late, 1u);
  poke(to, Act::ANSWER, 200);
  run();
  EXPECT_EQ(values("slow.reply"), Values{200});
}

TEST_F(Calls, AnAnswerToOneThatHasEndedIsLateAlsoForTheNextInItsSlot) {
  boot();
  const auto to = server();
  auto from = client();
  order(from, {.act = Act::SLOW, .value = 1, .server = to});
  run();
  order(from, {.act = Act::END});
  run();
  for (int i = 0; i < 3; ++i) {
    from = client();
    order(from, {.act = Act::SLOW, .value = 2, .server = to});
    run();
  }
  poke(to, Act::ANSWER, 100);
  run();
  EXPECT_EQ(values("slow.reply"), Values{});
  EXPECT_EQ(count(kClient).late, 1u);
}

TEST_F(Calls, ATokenAnswersOnceAndLater) {
  boot();
  const auto to = server();
  const auto from = client();
  order(from, {.act = Act::SLOW, .value = 1, .server = to});
  run();
  EXPECT_EQ(values("slow.reply"), Values{});
  poke(to, Act::AGAIN, 5);
  run();
  EXPECT_EQ(values("slow.reply"), Values{5});
  EXPECT_EQ(values("answered"), (Values{static_cast<std::uint64_t>(AnswerResult::kAnswered),
                                        static_cast<std::uint64_t>(AnswerResult::kExpired)}));
}

TEST_F(Calls, WithoutAPlaceForATokenTheCallIsRejectedFull) {
  boot();
  const auto to = server();
  const tina::Ref<calls::Client> from[] = {client(), client(), client()};
  for (const auto& caller : from) order(caller, {.act = Act::SLOW, .value = 1, .server = to});
  run();
  EXPECT_EQ(values("slow.failed"), one(Failure::kFull));
  EXPECT_EQ(values("server.slow").size(), 2u);
  EXPECT_EQ(count(kServer).rejected, 1u);
}

TEST_F(Calls, OneThatEndsHasItsOpenCallsAnsweredAtOnce) {
  boot();
  const auto from = client();
  for (const Act act : {Act::CRASH, Act::END, Act::FAULT}) {
    const auto to = server();
    order(from, {.act = Act::SLOW, .value = 1, .server = to});
    run();
    poke(to, act);
    run();
  }
  EXPECT_EQ(values("slow.failed"), (Values{static_cast<std::uint64_t>(Failure::kCrashed),
                                           static_cast<std::uint64_t>(Failure::kEnded),
                                           static_cast<std::uint64_t>(Failure::kCrashed)}));
  const auto to = server();
  order(from, {.act = Act::SLOW, .value = 13, .server = to});  // crashes while it has the token
  run();
  EXPECT_EQ(values("slow.failed").back(), static_cast<std::uint64_t>(Failure::kCrashed));
}

TEST_F(Calls, AnEntryHandlerCallsAgainWithTheRecordOfTheCallBefore) {
  boot();
  server();
  keeper(Act::HOLDER);
  EXPECT_EQ(values("holder.reply"), (Values{3, 2, 1}));
}

TEST_F(Calls, YieldRunsInTheNextPassAndOnce) {
  boot();
  const auto from = client();
  order(from, {.act = Act::YIELD});
  pass_of(0);
  EXPECT_EQ(values("client.yielded"), Values{});
  EXPECT_GT(pass_of(0), 0u) << "it must not sleep on it";
  EXPECT_EQ(values("client.yielded"), Values{0});
  run();
  EXPECT_EQ(values("client.yielded"), Values{0});
}

TEST_F(Calls, WhoYieldsAndEndsDoesNotRunAgain) {
  boot();
  const auto from = client();
  order(from, {.act = Act::YIELD});
  order(from, {.act = Act::CRASH});
  run();
  for (int i = 0; i < 3; ++i) client();
  EXPECT_EQ(values("client.yielded"), Values{});
}

TEST_F(Calls, EventsReachASubscriber) {
  boot();
  const auto to = server();
  const auto from = client();
  const calls::Poke poke{.act = Act::NOTE, .value = 4, .follower = from};
  ASSERT_EQ(send(kServer, to.handle, 0, poke), SendResult::kQueued);
  const calls::Poke nobody{.act = Act::NOTE, .value = 5};
  ASSERT_EQ(send(kServer, to.handle, 0, nobody), SendResult::kQueued);
  run();
  EXPECT_EQ(values("client.changed"), Values{4});
  EXPECT_EQ(values("changed"), (Values{static_cast<std::uint64_t>(SendResult::kQueued),
                                       static_cast<std::uint64_t>(SendResult::kDead)}));
}

TEST_F(Calls, TenThousandRandomActsLoseNothing) {
  boot();
  std::vector<tina::Ref<calls::Server>> servers{server()};
  std::vector<tina::Ref<calls::Client>> clients{client(), client()};
  std::uint64_t random = 11;
  const Act acts[] = {Act::GET,   Act::SLOW, Act::LOCK, Act::TWO,   Act::LEAVE, Act::AGAIN,
                      Act::YIELD, Act::GET,  Act::SLOW, Act::WATCH, Act::DEAF,  Act::NOTHING};
  const Act server_acts[] = {Act::ANSWER,  Act::LOCK,  Act::RELEASE, Act::CLOSE,
                             Act::RELEASE, Act::CRASH, Act::END};
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const std::uint64_t pick = random >> 33;
    auto& from = clients[pick % clients.size()];
    const calls::Order order{.act = acts[pick / 7 % 12], .value = i, .server = servers[0]};
    const SendResult told = send(kClient, from.handle, 0, order);
    if (told == SendResult::kDead) from = client();
    if (pick % 5 == 0) {
      const calls::Poke poke{.act = server_acts[pick / 11 % 7], .value = i};
      if (send(kServer, servers[0].handle, 0, poke) == SendResult::kDead) servers[0] = server();
    }
    if (pick % 3 == 0) pass_of(0);
    if (pick % 13 == 0) sides_[0].platform.now += 3'000'000;
  }
  run_for(1100);
  EXPECT_GT(count(kClient).replied, 50u);
  EXPECT_GT(count(kClient).abandoned, 10u);
  EXPECT_EQ(count(kClient).outstanding, 0u);
}

}  // namespace
}  // namespace tina::internal
