// SPDX-License-Identifier: Apache-2.0
// The goal: a handle or a child's address that names nobody, from wherever it comes, is refused at
// once on this shard and on any other, is counted, and crashes nobody.
#include "calls_fixture.h"

namespace tina::internal {
namespace {

class BadHandles : public CallShards {
 protected:
  std::uint64_t draw() {
    random_ = random_ * 6364136223846793005u + 1442695040888963407u;
    return random_ >> 20 ^ random_ << 30;
  }
  /// A handle of somebody, with one part of it wrong, or none at all.
  Handle bad(Handle good) {
    switch (draw() % 5) {
      case 0:
        return Handle{draw()};
      case 1:
        return Handle::make(good.shard(), good.slot(),
                            good.generation() + 1 + static_cast<std::uint32_t>(draw() % 9));
      case 2:
        return Handle::make(good.shard(), Handle::kSlotsMax - 1, good.generation());
      case 3:
        return Handle::make(ShardId{static_cast<std::uint16_t>(2 + draw() % 1000)}, good.slot(),
                            good.generation());
      default:
        return Handle{};
    }
  }
  std::uint64_t crashes() { return at(0).counters.crashes + at(1).counters.crashes; }

  std::uint64_t random_ = 7;
};

TEST_F(BadHandles, AreDeadToSendsFromEitherShard) {
  boot(2);
  const auto good = server(1);
  for (int i = 0; i < 20'000; ++i) {
    const Handle to = bad(good.handle);
    const unsigned from = draw() % 2;
    const std::uint64_t taken = count(kServer, 0).accepted + count(kServer, 1).accepted;
    const SendResult sent = send(kServer, to, 0, calls::Poke{}, from);
    const bool crosses = index(to.shard()) == 1 - from;
    EXPECT_EQ(sent, crosses ? SendResult::kQueued : SendResult::kDead);
    run_both();
    EXPECT_EQ(count(kServer, 0).accepted + count(kServer, 1).accepted, taken);
  }
  EXPECT_EQ(count(kServer, 0).refused_dead + count(kServer, 1).refused_dead, 20'000u);
  EXPECT_EQ(crashes(), 0u);
}

TEST_F(BadHandles, RejectCallsAtOnce) {
  boot(2);
  const auto good = server(1);
  const auto from = client(0);
  for (std::uint64_t i = 1; i <= 5'000; ++i) {
    order(from, {.act = Act::GET, .value = i, .server = {bad(good.handle)}});
    run_both();
    ASSERT_EQ(values("rejected").size(), i);
    EXPECT_EQ(values("rejected").back(), static_cast<std::uint64_t>(Failure::kDead));
  }
  EXPECT_EQ(count(kClient).call_dead, 5'000u);
  EXPECT_EQ(at(0).links[1].promised, 0u);
  EXPECT_EQ(crashes(), 0u);
}

TEST_F(BadHandles, AreDownAtOnceToWhoMonitorsThem) {
  boot(2);
  const auto good = server(1);
  const auto from = client(0);
  for (std::uint64_t i = 1; i <= 5'000; ++i) {
    const tina::Ref<calls::Server> nobody{bad(good.handle)};
    order(from, {.act = Act::UNWATCH, .server = nobody});
    order(from, {.act = Act::WATCH, .server = nobody});
    run_both();
    ASSERT_EQ(values("down").size(), i);
    EXPECT_EQ(values("down").back(), static_cast<std::uint64_t>(sys::Why::kDead));
    order(from, {.act = Act::UNWATCH, .server = nobody});
    run_both();
  }
  EXPECT_EQ(at(0).links[1].watched, 0u);
  EXPECT_EQ(crashes(), 0u);
}

TEST_F(BadHandles, NoChildIsFoundUnderAnAddressThatIsNone) {
  boot(2);
  std::uint64_t dead = 0;
  for (int i = 0; i < 20'000; ++i) {
    const unsigned from = draw() % 2;
    const bool far = draw() % 3 == 0;
    const auto shard = static_cast<std::uint16_t>(far ? draw() % 1024 : draw() % 2);
    // The keeper is the only child that is not of a dynamic group.
    const ChildAddress nobody{ShardId{shard}, static_cast<std::uint16_t>(draw()),
                              static_cast<std::uint32_t>(draw()) | 1};
    const SendResult sent = send_child(at(from), kKeeper, nobody, 0, calls::Poke{});
    set_phase(at(from), Phase::kRuntime);
    EXPECT_EQ(sent, shard == 1 - from ? SendResult::kQueued : SendResult::kDead);
    ++dead;
    run_both();
  }
  EXPECT_EQ(count(kKeeper, 0).refused_dead + count(kKeeper, 1).refused_dead, dead);
  EXPECT_EQ(count(kKeeper, 0).accepted + count(kKeeper, 1).accepted, 0u);
  EXPECT_EQ(crashes(), 0u);
}

}  // namespace
}  // namespace tina::internal
