// SPDX-License-Identifier: Apache-2.0
// The goal: a state timeout ends its state exactly when it is over, though the timer of the state
// before stays armed, for an earlier time or a later one; and nothing of it outlives the isolate.
#include "shard_fixture.h"

namespace tina::internal {
namespace {

using probe::contract::kWaiter;
using probe::contract::kWorker;

constexpr std::uint8_t kIdle = 0, kBusy = 1;
constexpr std::uint8_t kOpen = 1, kHalf = 3;

class StateTimeouts : public ProbeShard {
 protected:
  tina::Ref<probe::Waiter> spawn_waiter() {
    queued(order_keeper(probe::Act::WAIT, 1));
    run();
    return probe::last_waiter;
  }
  void poke(tina::Ref<probe::Waiter> waiter) {
    queued(send(kWaiter, waiter.handle, 2, probe::Poke{}));
    run();
  }
  void note(TypeId to, Handle who) {
    queued(send(to, who, 1, probe::Note{}));
    run();
  }
  std::uint8_t state(TypeId of, Handle who) { return type(of).meta[who.slot()].state; }
  std::uint32_t armed() { return shard->parts.wheel->live_count(); }
};

TEST_F(StateTimeouts, ATimerLeftArmedIsArmedAgainForTheStateThatRunsThen) {
  boot();
  const auto worker = spawn_worker().handle;
  run_for(10);
  note(kWorker, worker);  // Idle, whose 50 ms are not over, to Busy, which has 100 ms
  run_for(99);
  EXPECT_EQ(seen("worker.after"), 0);
  EXPECT_EQ(state(kWorker, worker), kBusy);
  run_for(1);
  EXPECT_EQ(state(kWorker, worker), kIdle);
  run_for(49);
  EXPECT_EQ(state(kWorker, worker), kIdle);
  run_for(1);
  EXPECT_EQ(seen("worker.after"), 1);
  EXPECT_EQ(state(kWorker, worker), kBusy);
}

TEST_F(StateTimeouts, AStateWithLessTimeThanTheOneBeforeEndsInIts) {
  boot();
  const auto waiter = spawn_waiter();
  note(kWaiter, waiter.handle);  // Open, a second
  run_for(10);
  poke(waiter);  // Shut, a second
  poke(waiter);  // Half, 300 ms
  EXPECT_EQ(state(kWaiter, waiter.handle), kHalf);
  run_for(299);
  EXPECT_TRUE(type(kWaiter).lives(waiter.handle));
  run_for(1);
  EXPECT_FALSE(type(kWaiter).lives(waiter.handle));
}

TEST_F(StateTimeouts, RoundsThroughStatesMoveNoTimer) {
  boot();
  const auto waiter = spawn_waiter();
  note(kWaiter, waiter.handle);
  const TypeBlock& waiters = type(kWaiter);
  const TimerNode& timer =
      shard->parts.timers[waiters.timer_base + waiter.handle.slot() * waiters.timers_per_slot];
  const auto round = [&] {  // Open, Shut, Half and Open again, in 3 ms
    for (int step = 0; step < 3; ++step) {
      poke(waiter);
      run_for(1);
    }
  };
  round();
  const std::uint64_t armed_for = timer.expires_tick;  // the end of Half
  for (int i = 0; i < 90; ++i) round();
  EXPECT_EQ(timer.expires_tick, armed_for);
  const std::uint32_t before = armed();
  for (int i = 0; i < 1000; ++i) round();
  EXPECT_EQ(armed(), before);
  run_for(998);  // the last millisecond of the last round has passed in Open
  EXPECT_EQ(state(kWaiter, waiter.handle), kOpen);
  run_for(1);
  EXPECT_NE(state(kWaiter, waiter.handle), kOpen) << "its second, from its last entry";
}

TEST_F(StateTimeouts, TheEndOfAnIsolateTakesItsTimerAlong) {
  boot();
  const std::uint32_t before = armed();
  const auto waiter = spawn_waiter();
  note(kWaiter, waiter.handle);
  EXPECT_EQ(armed(), before + 1);
  queued(send(kWaiter, waiter.handle, 0, probe::Order{.act = probe::Act::CRASH}));
  run();
  EXPECT_FALSE(type(kWaiter).lives(waiter.handle));
  EXPECT_EQ(armed(), before);
}

}  // namespace
}  // namespace tina::internal
