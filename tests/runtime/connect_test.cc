// SPDX-License-Identifier: Apache-2.0
// The goal: a stream that connects by itself has one socket at a time, closes each exactly once,
// and tells how its connect has ended exactly once, or not at all if nobody waits for that any
// more, whatever the kernel does and in whatever order.
#include "connect.system.h"
#include "dialer.h"
#include "nester.h"
#include "object_fixture.h"

namespace tina::internal {
namespace {

using connect::Act;
using connect::contract::kDialer;
using connect::contract::kNester;
using Ends = std::vector<std::pair<std::string, std::int32_t>>;
using Descriptors = std::vector<std::int32_t>;

class Connecting : public ObjectShard {
 protected:
  void SetUp() override {
    ProbeShard::SetUp();
    connect::ends.clear();
    boot(connect::connect::kSystem);
  }
  void TearDown() override {
    TypeBlock& dialers = type(kDialer);
    EXPECT_EQ(dialers.live + dialers.free_count, 1u);
    ObjectShard::TearDown();
  }

  IoObject& object() { return type(kDialer).object(0, 0); }
  void tell(TypeId whom, Act act, std::uint64_t value = 0) {
    ObjectShard::tell(whom, connect::Order{.act = act, .value = value});
  }
  void order(Act act, std::uint64_t value = 0) { tell(kDialer, act, value); }
  Operation dial(std::uint16_t port = 80) {
    order(Act::DIAL, port);
    return take_started(OpCode::kConnect);
  }
  void connected() { complete(dial(), 0); }
  std::string state(TypeId whom = kDialer) {
    return type(whom).table->states[type(whom).meta[0].state].name;
  }
  static Ends ends() { return std::exchange(connect::ends, {}); }
};

TEST_F(Connecting, ConnectsToTheAddressThatTheHandlerNames) {
  const Operation operation = dial(4711);
  EXPECT_EQ(operation.descriptor, 200);
  EXPECT_EQ(operation.as<AddressOperand>().address, net::Address::loopback(4711));
  EXPECT_EQ(object().phase, ObjectPhase::kConnecting);
  complete(operation, 0);
  EXPECT_EQ(ends(), (Ends{{"connected", 0}}));
  EXPECT_EQ(object().phase, ObjectPhase::kOpen);
  EXPECT_EQ(platform.closed, Descriptors{});
}

TEST_F(Connecting, SendsAndReceivesOnTheNewConnectionAtOnce) {
  connected();
  order(Act::TALK);
  order(Act::SEND);
  EXPECT_EQ(take_started(OpCode::kReceive).descriptor, 200);
  const Operation sending = take_started(OpCode::kSend);
  EXPECT_EQ(sending.descriptor, 200);
  complete(sending, 5);
  EXPECT_EQ(ends(), (Ends{{"connected", 0}, {"sent", 0}}));
  platform.started.push_back({});  // the receive, for the balance
}

TEST_F(Connecting, AFailedConnectIsAResultAndItMayConnectAgain) {
  for (const std::int32_t error : {ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT, EINTR, EIO}) {
    complete(dial(), -error);
    EXPECT_EQ(ends(), (Ends{{"connected", error}}));
    EXPECT_EQ(object().phase, ObjectPhase::kClosed);
  }
  EXPECT_EQ(platform.closed, (Descriptors{200, 201, 202, 203, 204}));
  connected();
  EXPECT_EQ(ends(), (Ends{{"connected", 0}}));
  EXPECT_EQ(object().descriptor, 205);
}

TEST_F(Connecting, NoDescriptorLeftIsAResult) {
  platform.next_stream = -EMFILE;
  order(Act::DIAL);
  EXPECT_EQ(ends(), (Ends{{"connected", EMFILE}}));
  EXPECT_TRUE(platform.started.empty());
  platform.next_stream = 300;
  connected();
  EXPECT_EQ(ends(), (Ends{{"connected", 0}}));
  EXPECT_EQ(platform.closed, Descriptors{});
}

TEST_F(Connecting, AnOperationOfAStreamThatIsNotConnectedEndsInAnError) {
  order(Act::TALK);
  EXPECT_EQ(ends(), (Ends{{"received", ENOTCONN}}));
  order(Act::SEND);
  EXPECT_EQ(ends(), (Ends{{"sent", ENOTCONN}}));
  EXPECT_EQ(reactor().free_buffers(), 2u);
  EXPECT_TRUE(crash_reasons().empty());
  EXPECT_TRUE(platform.started.empty());
}

TEST_F(Connecting, ASecondConnectOfAConnectedStreamFailsAndLeavesItConnected) {
  connected();
  ends();
  order(Act::DIAL);
  EXPECT_EQ(ends(), (Ends{{"connected", EISCONN}}));
  EXPECT_EQ(object().phase, ObjectPhase::kOpen);
  EXPECT_EQ(object().descriptor, 200);
  EXPECT_EQ(platform.closed, Descriptors{});
}

TEST_F(Connecting, LaneAllHasTheObjectForItself) {
  const Operation connecting = dial();
  order(Act::DIAL);
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{"lane_busy"});
  complete(connecting, -ECANCELED);

  connected();
  order(Act::TALK);
  order(Act::DIAL);
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{"lane_busy"}) << "a receive is outstanding";
  complete(take_started(OpCode::kReceive), -ECANCELED);
  EXPECT_EQ(platform.closed, (Descriptors{200, 201}));
}

TEST_F(Connecting, SaysWhichLanesAreIdle) {
  const auto idle = [this] {
    ends();
    order(Act::ASK);
    return ends().at(0).second;
  };
  constexpr std::int32_t kRead = 4, kWrite = 2, kAll = 1;
  EXPECT_EQ(idle(), kRead | kWrite | kAll);
  const Operation connecting = dial();
  EXPECT_EQ(idle(), 0);
  complete(connecting, 0);
  EXPECT_EQ(idle(), kRead | kWrite | kAll);
  order(Act::TALK);
  EXPECT_EQ(idle(), kWrite);
  order(Act::SEND);
  EXPECT_EQ(idle(), 0);
  complete(take_started(OpCode::kSend), 5);
  EXPECT_EQ(idle(), kWrite);
  order(Act::REST);
  complete(take_started(OpCode::kReceive), 3);
  EXPECT_EQ(idle(), kWrite) << "the completion is held";
  order(Act::CLOSE);
  EXPECT_EQ(idle(), kRead | kWrite | kAll);
}

TEST_F(Connecting, LeavingTheStateGivesTheConnectUpAndClosesItsSocketOnce) {
  const Operation connecting = dial();
  order(Act::REST);
  EXPECT_EQ(platform.cancelled, std::vector<std::uint64_t>{connecting.token.bits});
  EXPECT_EQ(platform.closed, Descriptors{}) << "the backend still has it";
  complete(connecting, -ECANCELED);
  EXPECT_EQ(platform.closed, Descriptors{200});
  EXPECT_EQ(ends(), Ends{});
  EXPECT_EQ(reactor().connects_given_up(), 1u);
  connected();
  EXPECT_EQ(ends(), (Ends{{"connected", 0}}));
}

TEST_F(Connecting, AConnectThatWinsTheRaceAgainstItsCancelIsClosedAllTheSame) {
  const Operation connecting = dial();
  order(Act::REST);
  complete(connecting, 0);
  EXPECT_EQ(platform.closed, Descriptors{200});
  EXPECT_EQ(ends(), Ends{});
  EXPECT_EQ(object().phase, ObjectPhase::kClosed);
}

TEST_F(Connecting, AConnectThatHasSucceededUnheardIsClosedWhenTheStateIsLeft) {
  const Operation connecting = dial();
  reactor().complete(shard->parts, connecting.token, 0);  // and no pass in which it is handled
  ASSERT_EQ(object().phase, ObjectPhase::kOpen);
  reactor().give_up_connects(shard->parts, type(kDialer), 0, 0);
  EXPECT_EQ(platform.closed, Descriptors{200});
  EXPECT_EQ(object().phase, ObjectPhase::kClosed);
  order(Act::REST);
  EXPECT_EQ(ends(), Ends{});
}

TEST_F(Connecting, TheStatesLimitGivesTheConnectUp) {
  const Operation connecting = dial();
  run_for(5002);
  EXPECT_EQ(state(), "Resting");
  complete(connecting, -ECANCELED);
  EXPECT_EQ(platform.closed, Descriptors{200});
  EXPECT_EQ(ends(), Ends{});
}

TEST_F(Connecting, ANewConnectWaitsForTheEndOfTheOneGivenUp) {
  const Operation first = dial(1);
  order(Act::REST);
  order(Act::DIAL, 2);
  EXPECT_TRUE(platform.started.empty()) << "the lane's one place is still the backend's";
  complete(first, 0);
  EXPECT_EQ(platform.closed, Descriptors{200});
  const Operation second = take_started(OpCode::kConnect);
  EXPECT_EQ(second.descriptor, 201);
  EXPECT_EQ(second.as<AddressOperand>().address.port, 2);
  complete(second, 0);
  EXPECT_EQ(ends(), (Ends{{"connected", 0}}));
}

TEST_F(Connecting, AConnectThatWaitsCanBeGivenUpToo) {
  const Operation first = dial(1);
  order(Act::REST);
  order(Act::DIAL, 2);
  order(Act::REST);
  complete(first, -ECANCELED);
  EXPECT_TRUE(platform.started.empty());
  EXPECT_EQ(platform.closed, Descriptors{200});
  EXPECT_EQ(reactor().connects_given_up(), 2u);
}

TEST_F(Connecting, AnIsolateThatEndsWhileItConnectsClosesItsSocketOnce) {
  for (const std::int32_t end : {-ECANCELED, 0, -ECONNREFUSED}) {
    platform.closed.clear();
    const Operation connecting = dial();
    order(Act::CRASH);
    EXPECT_EQ(platform.closed, Descriptors{});
    complete(connecting, end);
    EXPECT_EQ(platform.closed, Descriptors{connecting.descriptor});
    EXPECT_EQ(ends(), Ends{});
    EXPECT_EQ(state(), "Resting") << "it has been restarted";
  }
}

TEST_F(Connecting, AnIsolateThatEndsWhileItsConnectWaitsClosesTheOldSocketOnly) {
  const Operation first = dial();
  order(Act::REST);
  order(Act::DIAL);
  order(Act::CRASH);
  complete(first, -ECANCELED);
  EXPECT_EQ(platform.closed, Descriptors{200});
  EXPECT_TRUE(platform.started.empty());
}

TEST_F(Connecting, CloseEndsWhatIsUnderWayAndItMayConnectAnew) {
  connected();
  order(Act::TALK);
  order(Act::SEND);
  const Operation receiving = take_started(OpCode::kReceive);
  const Operation sending = take_started(OpCode::kSend);
  ends();
  order(Act::CLOSE);
  EXPECT_EQ(platform.shut, Descriptors{200});
  EXPECT_EQ(platform.cancelled.size(), 2u);
  EXPECT_EQ(state(), "Leaving");
  complete(receiving, 7);
  EXPECT_EQ(platform.closed, Descriptors{});
  complete(sending, 2);
  EXPECT_EQ(platform.closed, Descriptors{200});
  EXPECT_EQ(state(), "Resting") << "Closed has come";
  EXPECT_EQ(ends(), Ends{}) << "and nothing else";
  EXPECT_EQ(reactor().free_buffers(), 2u);
  connected();
  EXPECT_EQ(object().descriptor, 201);
}

TEST_F(Connecting, CloseForgetsWhatTheLanesHold) {
  connected();
  order(Act::TALK);
  order(Act::REST);
  complete(take_started(OpCode::kReceive), 3);  // held: Resting does not list it
  EXPECT_EQ(reactor().free_buffers(), 1u);
  order(Act::CLOSE);
  EXPECT_EQ(state(), "Resting");
  EXPECT_EQ(platform.closed, Descriptors{200});
  EXPECT_EQ(reactor().free_buffers(), 2u);
  ends();
  connected();
  order(Act::TALK);
  EXPECT_EQ(ends(), (Ends{{"connected", 0}}));
  complete(take_started(OpCode::kReceive), 0);
}

TEST_F(Connecting, CloseOfAStreamThatIsNotConnectedIsDoneAtOnce) {
  order(Act::CLOSE);
  EXPECT_EQ(state(), "Resting");
  EXPECT_EQ(platform.closed, Descriptors{});
}

TEST_F(Connecting, CloseGivesUpAConnect) {
  const Operation connecting = dial();
  order(Act::CLOSE);
  EXPECT_EQ(state(), "Leaving");
  order(Act::CLOSE);
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{"lane_busy"}) << "a close is outstanding";
  complete(connecting, 0);
  EXPECT_EQ(platform.closed, Descriptors{200});
  EXPECT_EQ(ends(), Ends{});
}

TEST_F(Connecting, CloseAfterAConnectWasGivenUpWaitsForIt) {
  const Operation connecting = dial();
  order(Act::REST);
  order(Act::CLOSE);
  EXPECT_EQ(state(), "Leaving");
  complete(connecting, -ECANCELED);
  EXPECT_EQ(state(), "Resting");
  EXPECT_EQ(platform.closed, Descriptors{200});
}

TEST_F(Connecting, InNestedStatesAConnectLivesAsLongAsAStateAroundListsItsEnd) {
  tell(kNester, Act::DIAL);
  const Operation first = take_started(OpCode::kConnect);
  tell(kNester, Act::BESIDE);
  EXPECT_TRUE(platform.cancelled.empty());
  complete(first, -ECONNREFUSED);
  EXPECT_EQ(ends(), (Ends{{"nested connected", ECONNREFUSED}}));
  tell(kNester, Act::DIAL);
  const Operation second = take_started(OpCode::kConnect);
  tell(kNester, Act::REST);
  EXPECT_EQ(platform.cancelled, std::vector<std::uint64_t>{second.token.bits});
  complete(second, 0);
  EXPECT_EQ(ends(), Ends{});
  EXPECT_EQ(platform.closed, (Descriptors{200, 201}));
}

/// Orders and ends at random: what is opened is closed, and the balance is even at the end.
TEST_F(Connecting, AHundredThousandConnectsLeaveNothingBehind) {
  std::uint64_t random = 1;
  const auto choose = [&](std::uint64_t n) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return (random >> 33) % n;
  };
  constexpr Act kActs[] = {Act::DIAL, Act::DIAL, Act::TALK, Act::SEND, Act::REST, Act::CLOSE};
  for (int i = 0; i < 100'000; ++i) {
    platform.now += 300'000'000;  // crashes by a busy lane stay below the restart limit
    if (choose(3) == 0 && !platform.started.empty()) {
      const Operation some = platform.started[choose(platform.started.size())];
      std::erase_if(platform.started,
                    [&](const Operation& o) { return o.token.bits == some.token.bits; });
      complete(some, choose(2) == 0 ? -ECONNRESET : some.op == OpCode::kConnect ? 0 : 1);
    } else if (type(kDialer).live == 1) {
      order(kActs[choose(std::size(kActs))]);
    }
    connect::ends.clear();
    crash_reasons();
  }
  if (type(kDialer).live == 1) order(Act::CRASH);
  while (!platform.started.empty()) {
    const Operation last = platform.started.back();
    platform.started.pop_back();
    complete(last, -ECANCELED);
  }
  std::sort(platform.closed.begin(), platform.closed.end());
  EXPECT_EQ(platform.closed.size(), static_cast<std::size_t>(platform.next_stream - 200));
  EXPECT_EQ(std::adjacent_find(platform.closed.begin(), platform.closed.end()),
            platform.closed.end());
  EXPECT_GT(platform.closed.size(), 5'000u);
  EXPECT_EQ(reactor().in_flight(), 0u);
  EXPECT_EQ(reactor().free_buffers(), 2u);
}

}  // namespace
}  // namespace tina::internal
