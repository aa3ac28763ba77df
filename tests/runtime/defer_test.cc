// SPDX-License-Identifier: Apache-2.0
// The goal: a deferred message is handled later, in order, before what came after it; it keeps its
// place in the mailbox while it waits; none is lost, none is handled twice, also when its isolate
// ends.
#include "shard_fixture.h"

namespace tina::internal {
namespace {

using probe::Act;
using probe::contract::kWaiter;

using Values = std::vector<std::uint64_t>;

class Deferral : public ProbeShard {
 protected:
  tina::Ref<probe::Waiter> spawn_waiter() {
    queued(order_keeper(Act::WAIT, 1));
    run();
    return probe::last_waiter;
  }
  SendResult order(tina::Ref<probe::Waiter> waiter, std::uint64_t value, Act act = Act::NOTHING) {
    return send(kWaiter, waiter.handle, 0, probe::Order{.act = act, .value = value});
  }
  SendResult open(tina::Ref<probe::Waiter> waiter, std::uint64_t value = 0) {
    return send(kWaiter, waiter.handle, 1, probe::Note{.value = value});
  }
  Values orders() const {
    Values found;
    for (const auto& [what, value] : probe::seen) {
      if (what == "waiter.order") found.push_back(value);
    }
    return found;
  }
  /// Deferred messages whose places are taken.
  std::uint32_t places_taken() {
    TypeBlock& block = type(kWaiter);
    std::uint32_t free = 0;
    for (std::uint32_t at = block.deferred_free; at != kNoPlace; ++free) {
      at = block.deferred_at(at)->next;
    }
    return deferred_places(*block.table) - free;
  }
  void expect_accounted() {
    const TypeCounters& count = type(kWaiter).count;
    EXPECT_EQ(count.accepted,
              count.delivered + count.stale + places_taken() + type(kWaiter).queued());
  }
};

TEST_F(Deferral, WhatWasDeferredIsHandledInOrderAheadOfWhatCameLater) {
  boot();
  const auto waiter = spawn_waiter();
  queued(order(waiter, 1));
  queued(order(waiter, 2));
  run();
  EXPECT_EQ(orders(), Values{});
  EXPECT_EQ(places_taken(), 2u);
  queued(open(waiter));
  queued(order(waiter, 3));
  run();
  EXPECT_EQ(orders(), (Values{1, 2, 3}));
  EXPECT_EQ(places_taken(), 0u);
  expect_accounted();
}

TEST_F(Deferral, ADeferredMessageKeepsItsPlaceInTheMailbox) {
  boot();
  const auto waiter = spawn_waiter();
  for (std::uint64_t i = 0; i < 4; ++i) queued(order(waiter, i));
  run();
  EXPECT_EQ(order(waiter, 9), SendResult::kFull);
  EXPECT_EQ(open(waiter), SendResult::kFull) << "the declared price of deferring everything";
  expect_accounted();
}

TEST_F(Deferral, AStateThatDefersAgainKeepsTheRest) {
  boot();
  const auto waiter = spawn_waiter();
  queued(order(waiter, 1));
  queued(order(waiter, 2, Act::WAIT));  // goes back to Closed
  queued(order(waiter, 3));
  queued(open(waiter));
  run();
  EXPECT_EQ(orders(), (Values{1, 2}));
  EXPECT_EQ(places_taken(), 1u);
  queued(open(waiter));
  run();
  EXPECT_EQ(orders(), (Values{1, 2, 3}));
  expect_accounted();
}

TEST_F(Deferral, TakingTheLastOfTheListLeavesTheOthersInOrder) {
  boot();
  const auto waiter = spawn_waiter();
  const auto poke = [&] { queued(send(kWaiter, waiter.handle, 2, probe::Poke{})); };
  queued(open(waiter));
  poke();  // Open -> Shut, which defers everything
  queued(order(waiter, 1));
  queued(open(waiter));
  run();
  poke();  // Shut -> Half, which takes the note and defers the order
  queued(order(waiter, 2));
  run();
  EXPECT_EQ(places_taken(), 2u);
  poke();  // Half -> Open
  run();
  EXPECT_EQ(orders(), (Values{1, 2}));
  expect_accounted();
}

TEST_F(Deferral, EachStateDefersItsOwn) {
  boot();
  const auto waiter = spawn_waiter();
  queued(open(waiter, 1));
  queued(open(waiter, 2));  // Open defers notes
  run();
  EXPECT_EQ(seen("waiter.opened"), 1);
  queued(order(waiter, 5, Act::WAIT));
  run();
  EXPECT_EQ(seen("waiter.opened"), 2) << "Closed takes the note that Open deferred";
  expect_accounted();
}

TEST_F(Deferral, AnIsolateThatEndsLeavesNoDeferredMessageBehind) {
  boot();
  for (const Act act : {Act::END, Act::CRASH}) {
    const auto waiter = spawn_waiter();
    queued(open(waiter));
    queued(open(waiter));
    queued(order(waiter, 1, act));
    run();
    EXPECT_EQ(order(waiter, 2), SendResult::kDead);
    EXPECT_EQ(places_taken(), 0u);
    EXPECT_EQ(type(kWaiter).meta[waiter.handle.slot()].pending, 0u);
  }
  expect_accounted();
}

TEST_F(Deferral, AgainstASimpleModel) {
  boot();
  auto waiter = spawn_waiter();
  std::deque<std::uint64_t> model;  // orders not handled
  Values expected;
  bool is_open = false;
  std::uint64_t random = 7;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const auto pick = (random >> 33) % 4;
    if (pick == 0 && !is_open) {
      if (open(waiter) == SendResult::kQueued) is_open = true;
    } else if (pick == 1 && is_open) {
      queued(order(waiter, i, Act::WAIT));
      model.push_back(i);
    } else if (order(waiter, i) == SendResult::kQueued) {
      model.push_back(i);
    }
    run();
    if (is_open) {
      expected.insert(expected.end(), model.begin(), model.end());
      model.clear();
    }
    if (pick == 1 && is_open) is_open = false;
    if (model.size() < 3) continue;
    queued(open(waiter));  // before the mailbox is full of orders that only a note can free
    run();
    expected.insert(expected.end(), model.begin(), model.end());
    model.clear();
    is_open = true;
  }
  EXPECT_EQ(orders(), expected);
  expect_accounted();
}

}  // namespace
}  // namespace tina::internal
