// SPDX-License-Identifier: Apache-2.0
// The goal: named timers fire exactly when they are due, once, in the states that list them; what
// is late coalesces and says so; nothing fires after its isolate or after a cancel.
#include "shard_fixture.h"

namespace tina::internal {
namespace {

using probe::Act;
using probe::contract::kWorker;

class NamedTimers : public ProbeShard {
 protected:
  /// The numbers that were seen under a word, in order.
  std::vector<std::uint64_t> values(const std::string& what) const {
    std::vector<std::uint64_t> found;
    for (const auto& [word, value] : probe::seen) {
      if (word == what) found.push_back(value);
    }
    return found;
  }
};

TEST_F(NamedTimers, AnArmedTimerFiresOnceAndNeverEarly) {
  boot();
  const auto worker = spawn_worker();
  queued(order_worker(worker, Act::ARM, 7));
  run();
  run_for(6);
  EXPECT_EQ(seen("worker.alarm"), 0);
  run_for(1);
  EXPECT_EQ(seen("worker.alarm"), 1);
  run_for(30);
  EXPECT_EQ(seen("worker.alarm"), 1);
}

TEST_F(NamedTimers, ArmingAgainMovesIt) {
  boot();
  const auto worker = spawn_worker();
  queued(order_worker(worker, Act::ARM, 10));
  run();
  run_for(8);
  queued(order_worker(worker, Act::ARM, 10));
  run();
  run_for(9);
  EXPECT_EQ(seen("worker.alarm"), 0);
  run_for(1);
  EXPECT_EQ(seen("worker.alarm"), 1);
}

TEST_F(NamedTimers, ACancelledTimerDoesNotFire) {
  boot();
  const auto worker = spawn_worker();
  queued(order_worker(worker, Act::ARM, 10));
  queued(order_worker(worker, Act::DISARM));
  queued(order_worker(worker, Act::DISARM));
  run();
  run_for(30);
  EXPECT_EQ(seen("worker.alarm"), 0);
  EXPECT_EQ(values("worker.disarmed"), (std::vector<std::uint64_t>{1, 0}));
}

TEST_F(NamedTimers, APeriodicTimerIsHeldWhereItIsNotListedAndCountsWhatItMissed) {
  boot();
  spawn_worker();
  run_for(49);  // Idle does not list `beat`: due at 20 and 40 ms
  EXPECT_EQ(seen("worker.beat"), 0);
  run_for(1);  // Busy since 50 ms
  EXPECT_EQ(values("worker.beat"), std::vector<std::uint64_t>{1});
  run_for(9);
  EXPECT_EQ(seen("worker.beat"), 1);
  run_for(1);  // 60 ms: the rhythm is kept
  EXPECT_EQ(values("worker.beat"), (std::vector<std::uint64_t>{1, 0}));
  run_for(80);  // 80, 100, 120, 140
  EXPECT_EQ(seen("worker.beat"), 6);
}

TEST_F(NamedTimers, AShardThatComesLateCountsEveryMissedPeriod) {
  boot();
  const auto worker = spawn_worker();
  queued(send(kWorker, worker.handle, 1, probe::Note{1}));
  run();  // Busy, which lists `beat`
  platform.now += 70'000'000;
  run();
  EXPECT_EQ(values("worker.beat"), std::vector<std::uint64_t>{2}) << "20, 40 and 60 ms in one";
  run_for(9);
  EXPECT_EQ(seen("worker.beat"), 1);
  run_for(1);
  EXPECT_EQ(seen("worker.beat"), 2) << "80 ms: the rhythm is kept";
}

TEST_F(NamedTimers, NothingFiresAfterTheIsolateHasEnded) {
  boot();
  const auto worker = spawn_worker();
  queued(order_worker(worker, Act::ARM, 5));
  queued(order_worker(worker, Act::CRASH));
  run();
  EXPECT_EQ(shard->parts.wheel->live_count(), 0u);
  // The slot's next owner starts with timers of its own.
  for (std::uint64_t i = 0; i < 4; ++i) spawn_worker(i);
  run_for(40);
  EXPECT_EQ(seen("worker.alarm"), 0);
}

TEST_F(NamedTimers, AHundredThousandCrashesLeaveNoTimerBehind) {
  boot();
  const std::uint32_t before = shard->parts.wheel->live_count();
  for (int i = 0; i < 100'000; ++i) {
    const auto worker = spawn_worker();
    queued(order_worker(worker, Act::ARM, 1'000));
    queued(order_worker(worker, Act::CRASH));
    run();
    if (i % 100 == 0) run_for(1);
    crash_reasons();
  }
  EXPECT_EQ(type(kWorker).count.crashed, 100'000u);
  EXPECT_EQ(shard->parts.wheel->live_count(), before);
  run_for(2'000);
  EXPECT_EQ(seen("worker.alarm"), 0);
}

}  // namespace
}  // namespace tina::internal
