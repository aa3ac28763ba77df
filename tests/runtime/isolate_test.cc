// SPDX-License-Identifier: Apache-2.0
// The goal: messages reach exactly the incarnation they were sent to, mailboxes refuse what they
// have not reserved, states and their timeouts behave as the spec says, and every message is
// accounted for.
#include "shard_fixture.h"

namespace tina::internal {
namespace {

using probe::Act;
using probe::contract::kKeeper;
using probe::contract::kWorker;

class Isolates : public ProbeShard {};

TEST_F(Isolates, StartInTheOrderOfTheTree) {
  boot();
  ASSERT_GE(probe::seen.size(), 2u);
  EXPECT_EQ(probe::seen[0].first, "keeper.init");
  EXPECT_EQ(probe::seen[1].first, "listener.init");
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
}

TEST_F(Isolates, InitRunsAheadOfMessagesSentRightAfterTheSpawn) {
  boot();
  const auto worker = spawn_worker(7);
  ASSERT_EQ(order_worker(worker, Act::NOTHING, 1), SendResult::kQueued);
  run();
  EXPECT_EQ(probe::seen[probe::seen.size() - 2],
            (std::pair<std::string, std::uint64_t>("worker.init", 7)));
  EXPECT_EQ(probe::seen.back(), (std::pair<std::string, std::uint64_t>("worker.order", 1)));
}

TEST_F(Isolates, RefuseTheMessageWhenTheMailboxIsFull) {
  boot();
  spawn_worker();
  queued(order_keeper(Act::FLOOD, 5));
  run();
  using enum SendResult;
  EXPECT_EQ(probe::send_results, (std::vector{kQueued, kQueued, kQueued, kFull, kFull}));
  EXPECT_EQ(type(kWorker).count.refused_full, 2u);
  EXPECT_EQ(seen("worker.order"), 3);
}

TEST_F(Isolates, AFullMailboxOfOneDoesNotConcernAnother) {
  boot();
  const auto first = spawn_worker(1);
  const auto second = spawn_worker(2);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(order_worker(first, Act::NOTHING), SendResult::kQueued);
  EXPECT_EQ(order_worker(first, Act::NOTHING), SendResult::kFull);
  EXPECT_EQ(order_worker(second, Act::NOTHING), SendResult::kQueued);
}

TEST_F(Isolates, AHandleOfTheDeadIsRefusedAndHarmsNobody) {
  boot();
  const auto worker = spawn_worker(1);
  queued(order_worker(worker, Act::END));
  run();
  EXPECT_EQ(order_worker(worker, Act::NOTHING), SendResult::kDead);
  // The slot goes round: its next owner has another generation.
  for (std::uint64_t i = 0; i < 8; ++i) {
    const auto next = spawn_worker(i);
    EXPECT_EQ(order_worker(worker, Act::CRASH), SendResult::kDead);
    queued(order_worker(next, Act::END));
    run();
  }
  EXPECT_EQ(shard->parts.counters.crashes, 0u);
}

TEST_F(Isolates, ABadHandleFromAnywhereIsRefused) {
  boot();
  spawn_worker();
  for (const Handle bad :
       {Handle{0}, Handle{~std::uint64_t{0}}, Handle::make(ShardId{0}, 3, 1),
        Handle::make(ShardId{0}, Handle::kSlotsMax - 1, 1), Handle::make(ShardId{900}, 0, 1)}) {
    EXPECT_EQ(send(kWorker, bad, 0, probe::Order{}), SendResult::kDead);
  }
}

TEST_F(Isolates, MessagesToAnEndedIsolateAreCountedAsStale) {
  boot();
  const auto worker = spawn_worker();
  queued(order_worker(worker, Act::END));
  queued(order_worker(worker, Act::NOTHING));
  queued(order_worker(worker, Act::NOTHING));
  run();
  const TypeCounters& count = type(kWorker).count;
  EXPECT_EQ(count.stale, 2u);
  EXPECT_EQ(count.accepted, count.delivered + count.stale);
  EXPECT_EQ(type(kWorker).queued(), 0u);
  for (std::uint32_t slot = 0; slot < type(kWorker).slots; ++slot) {
    EXPECT_EQ(type(kWorker).meta[slot].pending, 0u);
  }
}

TEST_F(Isolates, AMessageStaysAsItIsWhileItsHandlerFillsTheQueue) {
  boot();
  probe::flooded = {spawn_worker(1), spawn_worker(2), spawn_worker(3)};
  // From every position of the ring: what the handler sends must not land on what it reads.
  for (std::uint64_t i = 0; i < 40; ++i) {
    queued(order_worker(probe::flooded[i % 3], Act::FLOOD, i));
    run();
    const auto last = std::find_if(probe::seen.rbegin(), probe::seen.rend(),
                                   [](const auto& entry) { return entry.first == "worker.order"; });
    ASSERT_EQ(last->second, i);
    for (int extra = 0; extra < static_cast<int>(i % 4); ++extra) {
      queued(order_worker(probe::flooded[0], Act::NOTHING));
      run();
    }
  }
  EXPECT_EQ(type(kWorker).count.accepted, type(kWorker).count.delivered);
}

TEST_F(Isolates, SpawnSaysFullAtTheGroupsMaximum) {
  boot();
  for (std::uint64_t i = 0; i < 4; ++i) spawn_worker(i);
  using enum SpawnStatus;
  EXPECT_EQ(probe::spawn_results, (std::vector{kSpawned, kSpawned, kSpawned, kFull}));
}

TEST_F(Isolates, TheStateTimeoutFiresOnceAndIsCancelledOnLeaving) {
  boot();
  const auto worker = spawn_worker();
  run_for(49);
  EXPECT_EQ(seen("worker.after"), 0);
  run_for(2);
  EXPECT_EQ(seen("worker.after"), 1);
  EXPECT_EQ(seen("worker.busy"), 1);
  // Busy goes back to Idle by itself after 100 ms; the note brings it to Busy before Idle's 50 ms.
  run_for(102);
  EXPECT_EQ(type(kWorker).meta[worker.handle.slot()].state, 0);
  queued(send(kWorker, worker.handle, 1, probe::Note{5}));
  run();
  EXPECT_EQ(seen("worker.note"), 1);
  run_for(60);
  EXPECT_EQ(seen("worker.after"), 1) << "the timeout of a left state has fired";
}

TEST_F(Isolates, StayLeavesTheStateTimeoutRunning) {
  boot();
  const auto worker = spawn_worker();
  for (int i = 0; i < 6; ++i) {
    run_for(10);
    queued(order_worker(worker, Act::NOTHING));
    run();
  }
  EXPECT_EQ(seen("worker.after"), 1);
}

TEST_F(Isolates, AnIgnoredMessageIsTakenAndForgotten) {
  boot();
  const auto worker = spawn_worker();
  queued(send(kWorker, worker.handle, 1, probe::Note{1}));
  queued(send(kWorker, worker.handle, 1, probe::Note{2}));
  run();
  EXPECT_EQ(seen("worker.note"), 1);
  EXPECT_EQ(type(kWorker).count.delivered, 2u);
  EXPECT_EQ(type(kWorker).meta[worker.handle.slot()].pending, 0u);
}

TEST_F(Isolates, AFloodOfManyBatchesKeepsItsOrderAndItsCount) {
  boot();
  std::uint64_t sent = 0;
  for (int round = 0; round < 2000; ++round) {
    while (order_keeper(Act::NOTHING, sent) == SendResult::kQueued) ++sent;
    run();
  }
  std::uint64_t expected = 0;
  for (const auto& [what, value] : probe::seen) {
    if (what != "keeper.order") continue;
    ASSERT_EQ(value, expected++);
  }
  EXPECT_EQ(expected, sent);
  EXPECT_EQ(type(kKeeper).count.accepted, type(kKeeper).count.delivered);
}

}  // namespace
}  // namespace tina::internal
