// SPDX-License-Identifier: Apache-2.0
// The goal: whatever a handler does to itself ends that isolate alone, with a report that says what
// happened, and nothing that it held is lost.
#include "shard_fixture.h"

namespace tina::internal {
namespace {

using probe::Act;
using probe::contract::kKeeper;
using probe::contract::kStream;
using probe::contract::kWorker;

struct Fate {
  Act act;
  const char* reason;
};

class Traps : public ProbeShard, public ::testing::WithParamInterface<Fate> {};

TEST_P(Traps, AFaultInAHandlerEndsThatIsolateOnly) {
  boot();
  const auto doomed = spawn_worker(1);
  const auto witness = spawn_worker(2);
  queued(order_worker(doomed, GetParam().act));
  queued(order_worker(doomed, Act::NOTHING, 99));
  queued(order_worker(witness, Act::NOTHING, 42));
  run();
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{GetParam().reason});
  EXPECT_EQ(type(kWorker).count.crashed, 1u);
  EXPECT_EQ(type(kWorker).live, 1u);
  EXPECT_EQ(order_worker(doomed, Act::NOTHING), SendResult::kDead);
  EXPECT_EQ(probe::seen.back(), (std::pair<std::string, std::uint64_t>("worker.order", 42)));
  EXPECT_EQ(type(kWorker).count.accepted,
            type(kWorker).count.delivered + type(kWorker).count.stale);
}

TEST_P(Traps, AFaultInInitIsAnOrdinaryStartFailure) {
  config.first = Act::NOTHING;
  boot();
  // The keeper crashes in a handler; its restarts crash in init, until the window is full.
  config.first = GetParam().act;
  queued(order_keeper(Act::CRASH));
  run();
  EXPECT_EQ(shard->parts.counters.crashes, 4u);
  EXPECT_EQ(tree().phase(), TreePhase::kQuarantining);
}

TEST_P(Traps, ThousandsOfCyclesLeaveNothingBehind) {
  boot();
  const std::uint32_t free_before = type(kWorker).free_count;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const auto worker = spawn_worker(i);
    ASSERT_EQ(order_worker(worker, GetParam().act), SendResult::kQueued);
    run();
    crash_reasons();
  }
  EXPECT_EQ(type(kWorker).count.crashed, 3000u);
  EXPECT_EQ(type(kWorker).free_count, free_before);
  EXPECT_EQ(type(kWorker).live, 0u);
  EXPECT_EQ(shard->parts.wheel->live_count(), 0u);
}

std::string name_of(const ::testing::TestParamInfo<Fate>& fate) {
  constexpr const char* kNames[] = {"Nothing", "Crash",    "Fail", "Fault",
                                    "Divide",  "Overflow", "Throw"};
  return kNames[static_cast<unsigned>(fate.param.act)];
}

INSTANTIATE_TEST_SUITE_P(EveryFault, Traps,
                         ::testing::Values(Fate{Act::CRASH, "told to crash"},
                                           Fate{Act::FAIL, "zero == 1"},
                                           Fate{Act::FAULT, "invalid memory access"},
                                           Fate{Act::DIVIDE, "arithmetic fault"},
                                           Fate{Act::OVERFLOW, "invalid memory access"},
                                           Fate{Act::THROW, "uncaught exception"}),
                         name_of);

class TrapBoundary : public ProbeShard {};

TEST_F(TrapBoundary, TheEffectsMadeBeforeAFaultStand) {
  boot();
  const auto worker = spawn_worker(1);
  // The keeper spawns and sends in one handler, and crashes in the next.
  queued(order_keeper(Act::FLOOD, 2));
  queued(order_keeper(Act::FAIL));
  run();
  EXPECT_EQ(seen("worker.order"), 2);
  EXPECT_EQ(order_worker(worker, Act::NOTHING), SendResult::kQueued);
  EXPECT_EQ(type(kKeeper).count.crashed, 1u);
}

TEST_F(TrapBoundary, AReportNamesStateMessageAndPlace) {
  boot();
  const auto worker = spawn_worker(1);
  queued(order_worker(worker, Act::FAIL));
  run();
  const LogRecord* crash = nullptr;
  LogRecord copy{};
  while (const LogRecord* record = shard->parts.log.peek()) {
    if (record->kind == LogKind::kCrash) {
      copy = *record;
      crash = &copy;
    }
    shard->parts.log.pop();
  }
  ASSERT_NE(crash, nullptr);
  std::array<char, 768> line;
  const std::size_t size = format_line(*crash, *shard->parts.role, line);
  const std::string text(line.data(), size);
  EXPECT_NE(text.find("path=Root.Worker#"), std::string::npos) << text;
  EXPECT_NE(text.find("state=Idle message=Order"), std::string::npos) << text;
  EXPECT_EQ(text.back(), '\n');
}

TEST_F(TrapBoundary, AStrayWriteThatBreaksACanaryIsFound) {
  boot();
  const auto worker = spawn_worker(1);
  ASSERT_TRUE(structures_sound(shard->parts, type(kWorker), worker.handle.slot()));
  TypeBlock& block = type(kWorker);
  std::byte* const past = block.states + std::size_t{block.slots} * block.state_stride;
  const auto canary =
      reinterpret_cast<std::byte*>(round_up(reinterpret_cast<std::uintptr_t>(past), kCacheLine));
  *canary = std::byte{0};
  EXPECT_FALSE(structures_sound(shard->parts, block, worker.handle.slot()));
}

using TrapDeath = TrapBoundary;

TEST_F(TrapDeath, AFailedAssertionOutsideAHandlerEndsTheProcess) {
  EXPECT_EXIT(assertion_failed("false", "somewhere", 1), ::testing::ExitedWithCode(70),
              "event=emergency");
}

}  // namespace
}  // namespace tina::internal
