// SPDX-License-Identifier: Apache-2.0
// The goal: a machine whose states nest leaves and enters exactly the states that the language
// says, runs their entry handlers from the outside in, keeps the timeouts of the states it stays
// in, and survives whatever goes wrong in the middle of it.
#include "asker.h"
#include "guide.h"
#include "nested.system.h"
#include "oracle.h"
#include "shard_fixture.h"
#include "streamer.h"
#include "walker.h"

namespace tina::internal {
namespace {

using nested::Harm;
using nested::Way;
using nested::contract::kAsker;
using nested::contract::kGuide;
using nested::contract::kOracle;
using nested::contract::kStreamer;
using nested::contract::kWalker;

using Walk = std::vector<std::string>;

class Nesting : public ProbeShard {
 protected:
  void SetUp() override {
    ProbeShard::SetUp();
    nested::walked.clear();
    nested::trouble = {};
    boot(nested::nested::kSystem, &config);
  }

  /// Orders a Walker (LEFT) or a Streamer (RIGHT) from the guide.
  void spawn(Way kind, std::uint64_t value) {
    const Handle guide = Handle::make(ShardId{0}, 0, type(kGuide).meta[0].generation);
    queued(send(kGuide, guide, 0, nested::Order{.way = kind, .value = value}));
    run();
  }
  /// A walker that is in Left, with nothing noted so far.
  void start_walker() {
    spawn(Way::LEFT, 1);
    walker = nested::last_walker.handle;
    nested::walked.clear();
  }
  void queue_order(Way way, std::uint64_t value = 0) {
    queued(send(kWalker, walker, 0, nested::Order{.way = way, .value = value}));
  }
  /// Sends the walker to a state and forgets what it did on the way.
  void go(Way way) {
    queue_order(way);
    run();
    nested::walked.clear();
  }
  Walk order(Way way) {
    queue_order(way);
    run();
    return take();
  }
  template <class Message>
  Walk tell(std::uint16_t tag, const Message& message) {
    queued(send(kWalker, walker, tag, message));
    run();
    return take();
  }
  Walk note(std::uint64_t value) { return tell(1, nested::Note{value}); }
  Walk poke() { return tell(2, nested::Poke{}); }
  Walk hint(std::uint64_t value) { return tell(3, nested::Hint{value}); }
  Walk knock(std::uint64_t value) { return tell(4, nested::Knock{value}); }
  Walk wait(std::uint64_t ms) {
    run_for(ms);
    return take();
  }
  static Walk take() { return std::exchange(nested::walked, {}); }
  static Walk tail(const Walk& walk) { return {walk.begin() + 1, walk.end()}; }

  std::string state(TypeId id, Handle handle) {
    const TypeBlock& block = type(id);
    const SlotMeta& meta = block.meta[handle.slot()];
    if (meta.generation != handle.generation() || (meta.flags & kLive) == 0) return "ended";
    return block.table->states[meta.state].name;
  }
  std::string state() { return state(kWalker, walker); }

  nested::Config config;
  Handle walker;
};

// ---------------------------------------------------------------- entering

TEST_F(Nesting, StartsAlongTheInitialsAndEntersFromTheOutsideIn) {
  spawn(Way::LEFT, 7);
  EXPECT_EQ(take(), (Walk{"init 7", "enter Outer", "enter Inner", "enter Left"}));
  walker = nested::last_walker.handle;
  EXPECT_EQ(state(), "Left");
}

TEST_F(Nesting, ATransitionInsideAStateDoesNotLeaveIt) {
  start_walker();
  EXPECT_EQ(tail(order(Way::RIGHT)), (Walk{"enter Right"}));
  EXPECT_EQ(tail(order(Way::BESIDE)), (Walk{"enter Beside"}));
  EXPECT_EQ(tail(order(Way::LEFT)), (Walk{"enter Inner", "enter Left"}));
}

TEST_F(Nesting, ACompositeTargetGoesOnToALeaf) {
  start_walker();
  EXPECT_EQ(tail(order(Way::APART)), Walk{}) << "neither Apart nor Near has an entry handler";
  EXPECT_EQ(state(), "Near");
  EXPECT_EQ(tail(order(Way::OUTER)), (Walk{"enter Outer", "enter Inner", "enter Left"}));
  EXPECT_EQ(state(), "Left");
}

TEST_F(Nesting, ATargetInsideAnotherStateEntersOnlyThoseAroundIt) {
  start_walker();
  EXPECT_EQ(tail(order(Way::FAR)), (Walk{"enter Far"}));
  EXPECT_EQ(tail(order(Way::RIGHT)), (Walk{"enter Outer", "enter Inner", "enter Right"}));
  EXPECT_EQ(state(), "Right");
}

TEST_F(Nesting, AStateAroundTheLeafIsLeftAndEnteredAgain) {
  start_walker();
  EXPECT_EQ(tail(order(Way::INNER)), (Walk{"enter Inner", "enter Left"}));
  EXPECT_EQ(tail(order(Way::OUTER)), (Walk{"enter Outer", "enter Inner", "enter Left"}));
  go(Way::FAR);
  EXPECT_EQ(knock(1), Walk{}) << "Knock in Far leads to Apart";
  EXPECT_EQ(state(), "Near");
}

// ---------------------------------------------------------------- naming the active state

TEST_F(Nesting, AStateThatNamesItselfIsLeftAndEnteredAgain) {
  start_walker();
  EXPECT_EQ(wait(20), Walk{});
  EXPECT_EQ(poke(), (Walk{"enter Left"}));
  EXPECT_EQ(wait(15), Walk{}) << "its timeout of 30 ms began anew";
  EXPECT_EQ(state(), "Left");
}

TEST_F(Nesting, AnInheritedTransitionToTheActiveLeafStays) {
  start_walker();
  EXPECT_EQ(wait(20), Walk{});
  EXPECT_EQ(order(Way::LEFT), (Walk{"order in Machine 0"}));
  EXPECT_EQ(wait(15), (Walk{"after in Left", "enter Right"})) << "its timeout ran on";
  EXPECT_EQ(poke(), Walk{}) << "=> Right, written in Outer";
  EXPECT_EQ(hint(3), (Walk{"hint in Inner 3"})) << "-> Right, written in Inner";
  EXPECT_EQ(state(), "Right");
}

TEST_F(Nesting, StayLeavesNothing) {
  start_walker();
  EXPECT_EQ(wait(20), Walk{});
  EXPECT_EQ(order(Way::STAY), (Walk{"order in Machine 0"}));
  EXPECT_EQ(wait(15), (Walk{"after in Left", "enter Right"}));
}

// ---------------------------------------------------------------- inheritance

TEST_F(Nesting, OneHandlerServesAllLeavesThatInheritIt) {
  start_walker();
  EXPECT_EQ(knock(1), (Walk{"knock in Inner 1"}));
  go(Way::RIGHT);
  EXPECT_EQ(knock(2), (Walk{"knock in Inner 2"}));
}

TEST_F(Nesting, AClauseIsOverriddenWhole) {
  start_walker();
  go(Way::RIGHT);
  EXPECT_EQ(note(1), (Walk{"note in Right 1"}));
  go(Way::FAR);
  EXPECT_EQ(note(2), (Walk{"note in Far 2"}));
  go(Way::BESIDE);
  EXPECT_EQ(note(3), (Walk{"note in Machine 3"}));
  EXPECT_EQ(poke(), (Walk{"enter Inner", "enter Right"})) << "Outer's, not the top's ignore";
}

TEST_F(Nesting, DeferOthersTakesWhatNoStateAroundMentions) {
  start_walker();
  go(Way::BESIDE);
  EXPECT_EQ(knock(1), Walk{}) << "deferred";
  EXPECT_EQ(note(2), (Walk{"note in Machine 2"})) << "the top mentions it";
  EXPECT_EQ(hint(3), Walk{}) << "the top ignores it";
  EXPECT_EQ(tail(order(Way::RIGHT)), (Walk{"enter Inner", "enter Right", "knock in Inner 1"}));
}

// ---------------------------------------------------------------- deferring

TEST_F(Nesting, DeferredMessagesReturnWhenTheLeafChanges) {
  start_walker();
  EXPECT_EQ(note(1), Walk{});
  EXPECT_EQ(order(Way::LEFT), (Walk{"order in Machine 0"})) << "stays: still deferred";
  EXPECT_EQ(note(2), Walk{});
  EXPECT_EQ(tail(order(Way::RIGHT)), (Walk{"enter Right", "note in Right 1", "note in Right 2"}));
}

TEST_F(Nesting, WhatACompositeDefersWaitsInAllOfItsLeaves) {
  start_walker();
  EXPECT_EQ(note(1), Walk{}) << "deferred by Left";
  EXPECT_EQ(tail(order(Way::APART)), Walk{}) << "and again by Apart, for Near";
  EXPECT_EQ(note(2), Walk{});
  EXPECT_EQ(poke(), (Walk{"enter Far", "note in Far 1", "note in Far 2"}));
}

// ---------------------------------------------------------------- timeouts

TEST_F(Nesting, TheTimeoutsOfStatesAroundRunOn) {
  start_walker();
  EXPECT_EQ(wait(30), (Walk{"after in Left", "enter Right"}));
  EXPECT_EQ(wait(9), Walk{});
  EXPECT_EQ(wait(2), (Walk{"enter Beside"})) << "Inner's 40 ms, from its own entry";
  EXPECT_EQ(wait(58), Walk{});
  EXPECT_EQ(wait(3), (Walk{"after in Outer"})) << "Outer's 100 ms, from its own entry";
  EXPECT_EQ(state(), "Near");
  EXPECT_EQ(wait(996), Walk{});
  EXPECT_EQ(state(), "Near");
  EXPECT_EQ(wait(3), Walk{});
  EXPECT_EQ(state(), "ended") << "Apart's 1 s";
}

TEST_F(Nesting, ATimeoutEndsExactlyWhenItsStateIsLeft) {
  start_walker();
  EXPECT_EQ(wait(25), Walk{});
  go(Way::BESIDE);
  EXPECT_EQ(wait(30), Walk{}) << "those of Left and Inner are gone";
  EXPECT_EQ(tail(order(Way::LEFT)), (Walk{"enter Inner", "enter Left"}));
  EXPECT_EQ(wait(29), Walk{}) << "and nothing of them comes back";
  go(Way::FAR);
  EXPECT_EQ(wait(200), Walk{}) << "that of Outer too";
  EXPECT_EQ(state(), "Far");
}

TEST_F(Nesting, EnteringAgainBeginsATimeoutAnew) {
  start_walker();
  EXPECT_EQ(wait(20), Walk{});
  go(Way::INNER);
  EXPECT_EQ(wait(29), Walk{});
  EXPECT_EQ(wait(2), (Walk{"after in Left", "enter Right"}));
  EXPECT_EQ(wait(10), (Walk{"enter Beside"})) << "Inner's 40 ms from the second entry";
  EXPECT_EQ(wait(37), Walk{});
  EXPECT_EQ(wait(3), (Walk{"after in Outer"})) << "Outer was never left";
}

TEST_F(Nesting, ATimeoutThatHasFiredIsWithdrawnWithItsState) {
  start_walker();
  EXPECT_EQ(wait(12), Walk{});
  go(Way::LEFT);  // stays; Left's 30 ms end at 30, Inner's 40 ms at 40
  poke();         // Left again, so that its 30 ms end at 42
  platform.now += 60'000'000;
  run();
  const Walk walk = take();
  EXPECT_EQ(walk, (Walk{"enter Beside"})) << "Inner's came first and took Left's with it";
  EXPECT_EQ(type(kWalker).records[walker.slot()].first_result, kNoRecord);
}

// ---------------------------------------------------------------- ends and faults

TEST_F(Nesting, ANestedFinalStateEndsTheIsolate) {
  start_walker();
  go(Way::APART);
  EXPECT_EQ(tail(order(Way::LOST)), (Walk{"enter Outer", "enter Inner"}))
      << "the states around it are entered";
  EXPECT_EQ(state(), "ended");
  EXPECT_EQ(type(kWalker).count.crashed, 0u);
  EXPECT_EQ(type(kWalker).live, 0u);
  EXPECT_EQ(wait(200), Walk{}) << "and no timeout of theirs is left";
}

TEST_F(Nesting, ACrashInTheMiddleOfAChainOfEntriesEndsIt) {
  constexpr Harm kHarms[] = {Harm::kCrash, Harm::kFault, Harm::kThrow};
  constexpr const char* kReasons[] = {"told to crash", "invalid memory access",
                                      "uncaught exception"};
  for (unsigned i = 0; i < 3; ++i) {
    SCOPED_TRACE(kReasons[i]);
    start_walker();
    go(Way::APART);
    nested::trouble = {"Inner", kHarms[i]};
    EXPECT_EQ(tail(order(Way::OUTER)), (Walk{"enter Outer", "enter Inner"})) << "Left is not";
    nested::trouble = {};
    EXPECT_EQ(state(), "ended");
    const LogRecord* record = shard->parts.log.peek();
    while (record != nullptr && record->kind != LogKind::kCrash) {
      shard->parts.log.pop();
      record = shard->parts.log.peek();
    }
    ASSERT_NE(record, nullptr);
    EXPECT_STREQ(record->event, kReasons[i]);
    EXPECT_STREQ(record->state, "Left") << "the leaf";
    EXPECT_STREQ(record->message, "enter");
    shard->parts.log.pop();
    EXPECT_EQ(wait(200), Walk{}) << "no timeout of the entered states is left";
  }
  EXPECT_EQ(type(kWalker).count.crashed, 3u);
  EXPECT_EQ(type(kWalker).live, 0u);
}

TEST_F(Nesting, AFreshIncarnationKnowsNothingOfTheOldOne) {
  for (int i = 0; i < 12; ++i) {
    start_walker();
    go(i % 2 == 0 ? Way::RIGHT : Way::FAR);
    EXPECT_EQ(tail(order(Way::GONE)), Walk{});
    EXPECT_EQ(state(), "ended");
  }
  start_walker();
  EXPECT_EQ(wait(30), (Walk{"after in Left", "enter Right"}));
}

// ---------------------------------------------------------------- operations

class NestedStreaming : public Nesting {
 protected:
  void SetUp() override {
    Nesting::SetUp();
    shard->parts.transit_descriptor = 77;  // as if the handler had just accepted it
    spawn(Way::RIGHT, 77);
    streamer = nested::last_streamer.handle;
  }
  std::string state() { return Nesting::state(kStreamer, streamer); }
  void poke() {
    queued(send(kStreamer, streamer, 0, nested::Poke{}));
    run();
  }
  Handle streamer;
};

TEST_F(NestedStreaming, TheEntryOfACompositeStartsOperations) {
  EXPECT_EQ(take(), (Walk{"enter Serving"}));
  deliver("x");
  EXPECT_EQ(take(), (Walk{"received in Serving 1"}));
  EXPECT_EQ(state(), "Reading");
}

TEST_F(NestedStreaming, OneHandlerStartsInAllLeaves) {
  take();
  deliver("s");
  EXPECT_EQ(take(), (Walk{"received in Serving 1", "enter Writing"}));
  deliver("xy");
  EXPECT_EQ(take(), (Walk{"received in Serving 2"})) << "in Writing";
  complete(take_started(OpCode::kSend), 5);
  EXPECT_EQ(take(), (Walk{"sent 5"}));
  EXPECT_EQ(state(), "Reading");
}

TEST_F(NestedStreaming, AnInheritedTransitionToTheActiveLeafStartsWhatItsEffectSays) {
  deliver("s");
  take();
  deliver("w");
  EXPECT_EQ(take(), (Walk{"received in Serving 1"})) << "Writing is not entered again";
  EXPECT_EQ(state(), "Writing");
  deliver("x");
  EXPECT_EQ(take(), (Walk{"received in Serving 1"})) << "the receive was started";
}

TEST_F(NestedStreaming, AResultIsHeldUntilAStateListsIt) {
  take();
  poke();
  EXPECT_EQ(state(), "Paused");
  deliver("x");
  EXPECT_EQ(take(), Walk{}) << "Paused does not list it";
  poke();
  EXPECT_EQ(take(), (Walk{"enter Serving", "received in Serving 1"}));
}

TEST_F(NestedStreaming, AnEndInsideClosesTheSocket) {
  deliver("s");
  deliver("e");
  EXPECT_EQ(state(), "ended");
  complete(take_started(OpCode::kSend), 5);
  EXPECT_EQ(platform.closed, (std::vector<std::int32_t>{77}));
}

// ---------------------------------------------------------------- calls

class NestedCalling : public Nesting {
 protected:
  void SetUp() override {
    Nesting::SetUp();
    spawn(Way::BESIDE, 0);
    asker = nested::last_asker.handle;
    oracle = nested::last_oracle.handle;
    EXPECT_EQ(take(), (Walk{"enter Waiting"})) << "which calls";
  }
  std::string state() { return Nesting::state(kAsker, asker); }
  Walk poke() {
    queued(send(kAsker, asker, 0, nested::Poke{}));
    run();
    return take();
  }
  /// Lets the oracle answer.
  Walk answer() {
    queued(send(kOracle, oracle, 0, nested::Poke{}));
    run();
    return take();
  }
  Handle asker, oracle;
};

TEST_F(NestedCalling, TheAnswerComesToTheInheritedHandler) {
  EXPECT_EQ(answer(), (Walk{"answered", "reply in Waiting 10", "enter Hasty"}));
  EXPECT_EQ(state(), "Hasty");
}

TEST_F(NestedCalling, AMoveInsideTheCompositeKeepsTheCall) {
  EXPECT_EQ(poke(), (Walk{"enter Hasty"}));
  EXPECT_EQ(answer(), (Walk{"answered", "reply in Waiting 10"})) << "to Hasty: stays";
  EXPECT_EQ(state(), "Hasty");
}

TEST_F(NestedCalling, LeavingTheCompositeAbandonsTheCall) {
  poke();
  EXPECT_EQ(poke(), Walk{});
  EXPECT_EQ(state(), "Idle");
  answer();
  EXPECT_EQ(state(), "Idle");
  EXPECT_EQ(wait(30), Walk{}) << "nor does its limit end it";
  EXPECT_EQ(poke(), (Walk{"enter Waiting"}));
  EXPECT_EQ(answer(), (Walk{"answered", "reply in Waiting 20", "enter Hasty"}));
}

TEST_F(NestedCalling, TheLimitEndsTheCallInAnyLeaf) {
  poke();
  EXPECT_EQ(wait(25), (Walk{"failed in Waiting"}));
  EXPECT_EQ(state(), "Idle");
}

}  // namespace
}  // namespace tina::internal
