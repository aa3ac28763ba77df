// SPDX-License-Identifier: Apache-2.0
// The goal: supervision follows OTP: a sliding restart window, temporary children left dead, stops
// in reverse order within their limits, and a crash loop of one child that touches nobody else.
#include "shard_fixture.h"

namespace tina::internal {
namespace {

using probe::Act;
using probe::contract::kKeeper;
using probe::contract::kListener;
using probe::contract::kStream;
using probe::contract::kWorker;

class Supervision : public ProbeShard {
 protected:
  void crash_keeper() {
    ASSERT_EQ(order_keeper(Act::CRASH), SendResult::kQueued);
    run();
  }
};

TEST_F(Supervision, APermanentChildIsRestartedAfterACrash) {
  boot();
  crash_keeper();
  EXPECT_EQ(seen("keeper.init"), 2);
  EXPECT_EQ(type(kKeeper).count.restarted, 1u);
  EXPECT_EQ(order_keeper(Act::NOTHING), SendResult::kQueued);
}

TEST_F(Supervision, APermanentChildIsRestartedAfterANormalEndToo) {
  boot();
  queued(order_keeper(Act::END));
  run();
  EXPECT_EQ(seen("keeper.init"), 2);
}

TEST_F(Supervision, ATemporaryChildIsNeverRestarted) {
  boot();
  const auto worker = spawn_worker();
  queued(order_worker(worker, Act::CRASH));
  run();
  EXPECT_EQ(seen("worker.init"), 1);
  EXPECT_EQ(type(kWorker).live, 0u);
}

TEST_F(Supervision, TheFourthRestartInsideTheWindowQuarantines) {
  boot();
  for (int i = 0; i < 3; ++i) crash_keeper();
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
  crash_keeper();
  EXPECT_EQ(tree().phase(), TreePhase::kQuarantining);
  EXPECT_EQ(type(kListener).live, 0u) << "quarantine ends every isolate of the shard";
  complete(take_started(OpCode::kAccept), -ECANCELED);
  EXPECT_EQ(tree().phase(), TreePhase::kQuarantined);
}

TEST_F(Supervision, TheWindowSlides) {
  boot();
  for (int i = 0; i < 12; ++i) {
    crash_keeper();
    run_for(400);  // never more than three within a second
  }
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
  EXPECT_EQ(seen("keeper.init"), 13);
}

TEST_F(Supervision, TheWindowForgetsNothingTooEarly) {
  boot();
  crash_keeper();
  run_for(300);
  crash_keeper();
  run_for(300);
  crash_keeper();
  run_for(399);
  crash_keeper();  // the first was 999 ms ago
  EXPECT_EQ(tree().phase(), TreePhase::kQuarantining);
}

TEST_F(Supervision, CrashesOfTemporaryChildrenDoNotCountAsRestarts) {
  boot();
  for (std::uint64_t i = 0; i < 50; ++i) {
    const auto worker = spawn_worker(i);
    queued(order_worker(worker, Act::CRASH));
    run();
  }
  EXPECT_EQ(tree().phase(), TreePhase::kRunning);
}

TEST_F(Supervision, InitThatIsDoneAtOnceIsNotAFailure) {
  boot();
  EXPECT_EQ(order_keeper(Act::SPAWN, 1), SendResult::kQueued);
  run();
  EXPECT_EQ(shard->parts.counters.restarts, 0u);
}

TEST_F(Supervision, ATreeThatNeverComesUpFailsTheBoot) {
  platform.listen_result = -EADDRINUSE;
  boot();
  EXPECT_TRUE(shard->parts.boot_failed);
  EXPECT_EQ(tree().phase(), TreePhase::kQuarantined);
  EXPECT_EQ(crash_reasons(), std::vector<std::string>(4, "the listener could not be opened"));
}

TEST_F(Supervision, AListenerRestartsOnlyAfterItsLastCompletion) {
  boot();
  accept(-EMFILE);  // an error is a result, not a crash
  EXPECT_EQ(seen("listener.accepted"), 1);
  platform.next_peer.port = 13;  // makes the handler fault
  accept(55);
  EXPECT_EQ(platform.closed, (std::vector<std::int32_t>{100, 55}))
      << "the crashed listener's socket and the connection it had just taken are closed";
  EXPECT_EQ(seen("listener.init"), 2);
}

TEST_F(Supervision, StopsInReverseOrderAndWaitsForWhatIsDeferred) {
  boot();
  spawn_worker();
  run_for(112);  // Busy since 50 ms, and for 40 ms more; it defers the shutdown
  shard->parts.stop_order = true;
  run();
  EXPECT_EQ(type(kListener).live, 0u) << "last to start, first to stop";
  EXPECT_EQ(type(kKeeper).live, 0u);
  EXPECT_EQ(type(kWorker).live, 1u) << "Busy defers sys.Shutdown";
  complete(take_started(OpCode::kAccept), -ECANCELED);
  run_for(42);  // back in Idle, which takes the shutdown
  EXPECT_EQ(type(kWorker).live, 0u);
  EXPECT_EQ(tree().phase(), TreePhase::kStopped);
}

TEST_F(Supervision, AChildThatDoesNotEndInTimeIsKilled) {
  boot();
  spawn_worker();
  run_for(52);  // Busy for 98 ms more, but the group's limit is 80 ms
  shard->parts.stop_order = true;
  run();
  run_for(78);
  EXPECT_EQ(type(kWorker).live, 1u);
  run_for(3);
  EXPECT_EQ(type(kWorker).live, 0u);
  EXPECT_EQ(seen("worker.after"), 1) << "it was killed, it did not leave Busy";
}

TEST_F(Supervision, ThePassThatEndsTheTreeDoesNotInviteASleep) {
  boot();
  shard->parts.stop_order = true;
  for (int i = 0; tree().phase() != TreePhase::kStopped; ++i) {
    ASSERT_LT(i, 100);
    if (i == 1) platform.completions.push_back({take_started(OpCode::kAccept).token, -ECANCELED});
    const std::uint32_t work = pass(shard->parts, platform);
    EXPECT_TRUE(work > 0 || !tree().ended()) << "the shard would sleep instead of ending";
  }
}

TEST_F(Supervision, SpawnIsRefusedWhileStopping) {
  boot();
  queued(order_keeper(Act::SPAWN, 1));
  shard->parts.stop_order = true;
  run();
  EXPECT_EQ(probe::spawn_results, std::vector{SpawnStatus::kQuarantined});
}

TEST_F(Supervision, AHundredThousandRestartsCostNoSlot) {
  boot();
  for (int i = 0; i < 100'000; ++i) {
    queued(order_keeper(Act::CRASH));
    platform.now += 400'000'000;
    run();
    crash_reasons();
  }
  EXPECT_EQ(type(kKeeper).count.restarted, 100'000u);
  EXPECT_EQ(type(kKeeper).live + type(kKeeper).free_count, type(kKeeper).slots);
}

}  // namespace
}  // namespace tina::internal
