// SPDX-License-Identifier: Apache-2.0
// The goal: a buffer or blob has one holder at every moment, its bytes are never copied on the way,
// and whatever ends early (a send, a message, a handler, an isolate) gives back what it had. The
// fixture looks for every block after each pass.
#include "blocks_fixture.h"
#include "src/poison.h"

namespace tina::internal {
namespace {

class Moves : public BlockShard {};

TEST_F(Moves, AReceivedBufferTravelsToAnotherIsolateAndIsSentOnWithoutACopy) {
  connect();
  mode(Act::FORWARD);
  const std::byte* const received = deliver("hello");
  const Operation send = take(OpCode::kSend);
  EXPECT_EQ(send.data, received);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(send.data), send.size), "hello");
  EXPECT_EQ(blocks::sent, Results({SendResult::kQueued, SendResult::kQueued}));
  EXPECT_EQ(values("line.received"), Values{0}) << "the sender has nothing left";
  EXPECT_EQ(free(), Values({1, 3, 2})) << "one is sent, one is received into";
  complete(send, 5);
  EXPECT_EQ(values("line.sent"), Values{5});
  EXPECT_EQ(free(), Values({2, 3, 2}));
}

TEST_F(Moves, WhatIsLeftInAMessageGoesBack) {
  connect();
  deliver("left");
  EXPECT_EQ(values("desk.taken"), Values{4});
  EXPECT_EQ(free(), Values({2, 3, 2}));
}

TEST_F(Moves, ACrashAfterAMoveLosesNothing) {
  connect();
  mode(Act::CRASH);
  deliver("crash");
  EXPECT_EQ(type(kDesk).count.crashed, 1u);
  EXPECT_EQ(free(), Values({2, 3, 2}));
}

TEST_F(Moves, AnExceptionAfterAMoveLosesNothing) {
  connect();
  mode(Act::THROW);
  deliver("throw");
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{"uncaught exception"});
  EXPECT_EQ(free(), Values({2, 3, 2}));
}

TEST_F(Moves, AMessageThatIsQueuedBeforeACrashStillArrives) {
  spawn();
  desk(Act::CRATE, 0, true);
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{"told to crash"});
  EXPECT_EQ(values("holder.crate"), Values{3});
  EXPECT_EQ(values("holder.more"), Values{20});
  EXPECT_EQ(free(), all());
}

TEST_F(Moves, ARefusedMessageKeepsItsBlocksUntilTheHandlerEnds) {
  spawn();
  holder(Act::CLOSE);  // letters wait from now on
  desk(Act::LETTER);
  desk(Act::LETTER);
  EXPECT_EQ(free(), Values({3, 1, 2})) << "two letters wait";
  desk(Act::CRATE);
  EXPECT_EQ(blocks::sent.back(), SendResult::kFull);
  EXPECT_EQ(values("desk.crate"), Values{1}) << "still the sender's";
  EXPECT_EQ(free(), Values({3, 1, 2}));
  EXPECT_EQ(type(kHolder).count.refused_full, 1u);
}

TEST_F(Moves, AMessageForTheDeadStaysWithItsSender) {
  spawn();
  holder(Act::END);
  desk(Act::CRATE);
  EXPECT_EQ(blocks::sent, Results{SendResult::kDead});
  EXPECT_EQ(values("desk.crate"), Values{1});
  EXPECT_EQ(free(), all());
}

TEST_F(Moves, NobodyOnAnotherShardGetsABlock) {
  const Handle here = spawn().handle;
  blocks::last_holder = {Handle::make(ShardId{1}, here.slot(), here.generation())};
  desk(Act::CRATE);
  desk(Act::LETTER);
  EXPECT_EQ(blocks::sent, Results({SendResult::kDead, SendResult::kDead}));
  EXPECT_EQ(type(kHolder).count.refused_dead, 2u);
  EXPECT_EQ(free(), all());
}

TEST_F(Moves, AMessageWhoseIsolateHasEndedGivesItsBlocksBack) {
  spawn();
  queue_desk({.act = Act::CRATE, .to = blocks::last_holder});
  queue_holder(Act::END);  // handled first or not, both are in the mailbox before either runs
  type(kDesk).table->dispatch(parts(), 1);
  EXPECT_EQ(free(), Values({3, 2, 1})) << "the crate waits behind the order to end";
  run();
  EXPECT_EQ(type(kHolder).count.stale, 1u);
  EXPECT_EQ(values("holder.crate"), Values{});
  EXPECT_EQ(free(), all());
}

TEST_F(Moves, AnIgnoredMessageGivesItsBlocksBack) {
  spawn();
  holder(Act::CLOSE);
  desk(Act::CRATE);
  EXPECT_EQ(blocks::sent, Results{SendResult::kQueued});
  EXPECT_EQ(values("holder.crate"), Values{});
  EXPECT_EQ(free(), all());
}

TEST_F(Moves, ADeferredMessageHasItsBlocksUntilItIsHandled) {
  connect();
  desk(Act::CLOSE);
  deliver("later");
  EXPECT_EQ(values("desk.parcel"), Values{});
  EXPECT_EQ(free(), Values({1, 3, 2}));
  desk(Act::LEAVE);  // opens again
  EXPECT_EQ(values("desk.parcel"), Values{5});
  EXPECT_EQ(free(), Values({2, 3, 2}));
}

TEST_F(Moves, WhatAnEndedIsolateHadDeferredGoesBack) {
  connect();
  desk(Act::CLOSE);
  deliver("one");
  deliver("two");
  EXPECT_EQ(free(), Values({1, 3, 2})) << "the next receive waits for its bytes first";
  desk(Act::CRASH);
  EXPECT_EQ(type(kDesk).count.stale, 2u);
  EXPECT_EQ(free(), Values({3, 3, 2}));
}

TEST_F(Moves, ABufferThatComesBackFromAMessageIsReceivedInto) {
  connect();
  desk(Act::CLOSE);
  deliver("one");
  deliver("two");
  deliver("three");
  EXPECT_FALSE(waits_for(OpCode::kReceive)) << "all three wait at the desk";
  complete(take(OpCode::kAwait), 1);
  EXPECT_EQ(parts().reactor.parked_total(), 1u);
  desk(Act::LEAVE);
  EXPECT_TRUE(waits_for(OpCode::kReceive));
  EXPECT_EQ(free(), Values({2, 3, 2}));
}

TEST_F(Moves, ACrashInTheReceiversInitLosesNothing) {
  spawn(Act::CRASH);
  EXPECT_EQ(values("holder.seed"), Values{7});
  EXPECT_EQ(type(kHolder).count.crashed, 1u);
  EXPECT_EQ(free(), all());
}

TEST_F(Moves, ABlobIsHandedOverWithInit) {
  spawn();
  EXPECT_EQ(values("holder.seed"), Values{7});
  EXPECT_EQ(values("desk.seed"), Values{0});
  EXPECT_EQ(free(), all());
}

TEST_F(Moves, ARefusedSpawnLeavesTheBlobWithItsSpawner) {
  spawn();
  spawn();
  spawn();
  EXPECT_EQ(values("desk.spawned"), Values({0, 0, 1}));
  EXPECT_EQ(values("desk.seed"), Values({0, 0, 1}));
  EXPECT_EQ(free(), all());
}

TEST_F(Moves, AnIsolateThatEndsBeforeItsInitGivesItsBlobBack) {
  queue_desk({.act = Act::SPAWN});
  type(kDesk).table->dispatch(parts(), 1);
  EXPECT_EQ(free(), Values({3, 2, 2})) << "it lies in the init arguments";
  add_up();
  end_isolate(parts(), type(kHolder), blocks::last_holder.handle.slot(), Exit::kKilled);
  EXPECT_EQ(free(), all());
  run();
  EXPECT_EQ(values("holder.seed"), Values{});
}

class Keeps : public BlockShard {};

TEST_F(Keeps, WhatIsKeptOutlivesTheHandler) {
  connect();
  mode(Act::KEEP);
  deliver("kept");
  EXPECT_EQ(values("desk.keep"), Values{0});
  EXPECT_EQ(free(), Values({1, 3, 2}));
  desk(Act::GIVE);
  EXPECT_EQ(free(), Values({2, 3, 2}));
}

TEST_F(Keeps, NoMoreIsKeptThanTheBudgetSays) {
  desk(Act::KEEP, 0);
  desk(Act::KEEP, 1);
  desk(Act::KEEP, 2);
  EXPECT_EQ(values("desk.keep"), Values({0, 0, 1}));
  EXPECT_EQ(values("desk.still"), Values({0, 0, 1})) << "a refused one stays where it was";
  EXPECT_EQ(free(), Values({3, 1, 2}));
}

TEST_F(Keeps, WhatAPlaceHadGoesBackWhenAnotherIsKeptThere) {
  desk(Act::KEEP, 0);
  desk(Act::KEEP, 0);
  desk(Act::KEEP, 0);
  EXPECT_EQ(values("desk.keep"), Values({0, 0, 0}));
  EXPECT_EQ(free(), Values({3, 2, 2}));
}

TEST_F(Keeps, ACrashGivesBackWhatWasKept) {
  desk(Act::KEEP, 0);
  desk(Act::KEEP, 1, true);
  EXPECT_EQ(type(kDesk).count.crashed, 1u);
  EXPECT_EQ(free(), all());
  desk(Act::KEEP, 0);
  EXPECT_EQ(values("desk.keep"), Values({0, 0, 0})) << "the new incarnation has all places";
}

TEST_F(Keeps, AHundredThousandCrashesLeaveNoBlockBehind) {
  for (std::uint64_t i = 0; i < 100'000; ++i) {
    platform.now += 100'000'000;  // within what the supervisor bears
    desk(i % 2 == 0 ? Act::KEEP : Act::CRATE, i % 3, true);
    blocks::seen.clear();
    blocks::sent.clear();
    while (parts().log.peek() != nullptr) parts().log.pop();
  }
  EXPECT_EQ(type(kDesk).count.crashed, 100'000u);
  EXPECT_EQ(type(kDesk).count.restarted, 100'000u);
  EXPECT_EQ(free(), all());
}

TEST_F(Keeps, AnEndGivesBackWhatWasKept) {
  spawn(Act::KEEP);
  EXPECT_EQ(values("holder.keep"), Values{0});
  EXPECT_EQ(free(), Values({3, 2, 2}));
  desk(Act::CRATE, 1);
  EXPECT_EQ(values("holder.keep"), Values({0, 0})) << "the seed made room";
  EXPECT_EQ(free(), Values({3, 2, 2}));
  holder(Act::END);
  EXPECT_EQ(free(), all());
}

TEST_F(Keeps, WhatIsKeptIsSentOn) {
  spawn();
  desk(Act::KEEP, 1);
  desk(Act::STALE, 1);
  EXPECT_EQ(blocks::sent, Results{SendResult::kQueued});
  EXPECT_EQ(values("holder.letter"), Values{9});
  EXPECT_EQ(free(), all());
}

TEST_F(Keeps, AHandleThatWasNotKeptEndsWhoUsesIt) {
  spawn();
  desk(Act::HIDE, 0);
  EXPECT_EQ(free(), all()) << "the handler that hid it has ended";
  desk(Act::STALE, 0);
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{"stale_buffer"});
  EXPECT_EQ(values("holder.letter"), Values{});
  desk(Act::HIDE, 0);
  desk(Act::GIVE, 0);
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{"stale_buffer"});
  EXPECT_EQ(free(), all());
}

TEST_F(Keeps, AHandleOfABlockThatWasTakenAnewIsStale) {
  spawn();
  desk(Act::HIDE, 0);
  desk(Act::AGAIN, 0);
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{"stale_buffer"});
  EXPECT_EQ(values("holder.letter"), Values{});
  EXPECT_EQ(free(), all());
}

class Pools : public BlockShard {};

TEST_F(Pools, ABlobComesFromTheSmallestPoolThatItFitsInto) {
  desk(Act::KEEP, 0);
  EXPECT_EQ(free(), Values({3, 2, 2}));
  desk(Act::TAKE);
  EXPECT_EQ(values("desk.blob"), Values{1});
  EXPECT_EQ(pools().taken, 2u);
  EXPECT_EQ(pools().returned, 1u);
}

TEST_F(Pools, AnExhaustedPoolGivesNoneAndCountsIt) {
  desk(Act::KEEP, 0);
  desk(Act::KEEP, 1);
  spawn(Act::KEEP);
  EXPECT_EQ(free(), Values({3, 0, 2}));
  spawn();
  EXPECT_EQ(values("holder.seed"), Values({7, 0})) << "an isolate may begin without";
  EXPECT_EQ(pools().exhausted, 1u);
  desk(Act::TAKE);
  EXPECT_EQ(values("desk.blob"), Values{1}) << "the other pool has more";
}

/// Bytes that a block has after it was given back, where somebody still may look.
TEST_F(Pools, ABlockThatWasGivenBackIsSpoiled) {
#ifdef NDEBUG
  GTEST_SKIP() << "only in builds with TINA_DCHECK";
#else
  Blocks& blocks = parts().reactor.blocks();
  const std::uint32_t block = blocks.take(parts(), kReceivePool);
  std::byte* const memory = blocks.memory(block, parts());
  memory[0] = memory[1] = std::byte{'x'};  // whoever has it may write
  blocks.give_back(parts(), block);
#if defined(TINA_ADDRESS_SANITIZER)
  EXPECT_EQ(__asan_region_is_poisoned(memory, 2), memory);
#else
  EXPECT_EQ(memory[0], std::byte{kStaleByte});
  EXPECT_EQ(memory[1], std::byte{kStaleByte});
#endif
#endif
}

}  // namespace
}  // namespace tina::internal
