// SPDX-License-Identifier: Apache-2.0
// Goal: the wheel fires each timer exactly once, never early, in order, within its budget, and says
// truly when it next has work. Examples first, then a comparison with a std::multimap over random
// histories: huge jumps, budgets of one, far ticks, arming and cancelling from within a fire.
#include "src/wheel.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <vector>

#include "src/tick.h"

namespace tina::internal {
namespace {

constexpr std::uint32_t kPlenty = 1'000'000'000;

struct World {
  explicit World(std::size_t timers, std::uint64_t start_tick = 0)
      : nodes(timers), wheel(std::make_unique<Wheel>(std::span(nodes), start_tick)) {}

  std::vector<std::uint32_t> advance(std::uint64_t now_tick, std::uint32_t budget = kPlenty) {
    std::vector<std::uint32_t> fired;
    wheel->advance(now_tick, budget, [&](std::uint32_t index) { fired.push_back(index); });
    EXPECT_TRUE(wheel->audit());
    return fired;
  }

  std::vector<TimerNode> nodes;
  std::unique_ptr<Wheel> wheel;
};

using Fired = std::vector<std::uint32_t>;

TEST(Wheel, FiresAtItsTickAndNotBefore) {
  for (const std::uint64_t tick :
       {1ULL, 63ULL, 64ULL, 65ULL, 4095ULL, 4096ULL, 1ULL << 40, ~0ULL - 1}) {
    World world(1);
    world.wheel->arm(0, tick);
    EXPECT_EQ(world.advance(tick - 1), Fired{}) << tick;
    EXPECT_TRUE(world.wheel->armed(0));
    EXPECT_EQ(world.advance(tick), Fired{0}) << tick;
    EXPECT_FALSE(world.wheel->armed(0));
    EXPECT_EQ(world.wheel->live_count(), 0U);
  }
}

TEST(Wheel, FiresByTickThenByOrderOfArming) {
  World world(6);
  world.wheel->arm(0, 5000);
  world.wheel->arm(1, 70);
  world.wheel->arm(2, 5000);
  world.wheel->arm(3, 70);
  EXPECT_EQ(world.advance(69), Fired{});
  world.wheel->arm(4, 70);  // armed near: joins those that came down from a far bucket
  world.wheel->arm(5, 5000);
  EXPECT_EQ(world.advance(5000), (Fired{1, 3, 4, 0, 2, 5}));
}

TEST(Wheel, CancelledTimerDoesNotFire) {
  World world(3);
  for (std::uint32_t index = 0; index < 3; ++index) world.wheel->arm(index, 1000);
  EXPECT_TRUE(world.wheel->cancel(1));
  EXPECT_FALSE(world.wheel->cancel(1));
  EXPECT_EQ(world.advance(1000), (Fired{0, 2}));
  EXPECT_EQ(world.wheel->next_expiry_bound(), Wheel::kNever);
}

TEST(Wheel, ArmingAnArmedTimerMovesItBehindOthersOfItsTick) {
  World world(2);
  world.wheel->arm(0, 10);
  world.wheel->arm(1, 10);
  world.wheel->arm(0, 10);
  EXPECT_EQ(world.wheel->live_count(), 2U);
  EXPECT_EQ(world.advance(10), (Fired{1, 0}));
}

TEST(Wheel, PastTickFiresInTheNextCallAtTheSameTick) {
  World world(1, 500);
  EXPECT_EQ(world.advance(600), Fired{});
  world.wheel->arm(0, 3);
  EXPECT_EQ(world.wheel->next_expiry_bound(), 600U);
  EXPECT_EQ(world.advance(600), Fired{0});
}

TEST(Wheel, FireMayArmAndCancelAnyTimer) {
  World world(4);
  for (std::uint32_t index = 0; index < 3; ++index) world.wheel->arm(index, 7);
  Fired fired;
  world.wheel->advance(100, kPlenty, [&](std::uint32_t index) {
    fired.push_back(index);
    if (index == 0) {
      world.wheel->cancel(1);    // its neighbour, due in the same tick
      world.wheel->arm(3, 7);    // joins the tick that is firing
      world.wheel->arm(0, 200);  // itself
    }
  });
  EXPECT_EQ(fired, (Fired{0, 2, 3}));
  EXPECT_TRUE(world.wheel->audit());
  EXPECT_EQ(world.advance(200), Fired{0});
}

TEST(Wheel, TimerThatRearmsItselfForNowIsStoppedByTheBudget) {
  World world(1);
  world.wheel->arm(0, 5);
  std::uint32_t fires = 0;
  const auto rearm = [&](std::uint32_t index) {
    ++fires;
    world.wheel->arm(index, 5);
  };
  EXPECT_EQ(world.wheel->advance(9, 100, rearm), 100U);
  EXPECT_EQ(fires, 100U);
  EXPECT_EQ(world.wheel->position(), 5U);
}

TEST(Wheel, BudgetBoundsFiresAndTheRestGoesOnInOrder) {
  World world(10);
  for (std::uint32_t index = 0; index < 10; ++index) world.wheel->arm(index, 3);
  EXPECT_EQ(world.advance(8, 4), (Fired{0, 1, 2, 3}));
  EXPECT_EQ(world.wheel->next_expiry_bound(), 3U);
  EXPECT_EQ(world.advance(8, 4), (Fired{4, 5, 6, 7}));
  EXPECT_EQ(world.advance(8, 4), (Fired{8, 9}));
  EXPECT_EQ(world.wheel->position(), 8U);
}

TEST(Wheel, LongIdleTimeCostsAFewCallsOnly) {
  World world(1);
  world.wheel->arm(0, 1ULL << 40);
  std::uint32_t calls = 0;
  while (world.wheel->live_count() > 0) {
    const std::uint64_t bound = world.wheel->next_expiry_bound();
    ASSERT_LE(bound, 1ULL << 40);
    world.advance(bound, 1);
    ASSERT_LE(++calls, 16U);
  }
  EXPECT_EQ(world.wheel->position(), 1ULL << 40);
}

// 100 000 timers share one far bucket; budgets are small, but the bucket is opened ahead of time,
// so that no timer, neither of the bucket nor a near one, is a single tick late.
TEST(Wheel, BigFarBucketDelaysNobody) {
  constexpr std::uint32_t kTimers = 100'000;
  World world(kTimers + 1);
  for (std::uint32_t index = 0; index < kTimers; ++index) {
    world.wheel->arm(index, 262'144 + index % 50'000 * 4);
  }
  std::uint64_t now_tick = 250'000;
  std::uint64_t late = 0;
  std::uint32_t work_most = 0;
  world.wheel->arm(kTimers, now_tick + 10);
  while (world.wheel->live_count() > 1) {
    ++now_tick;
    work_most = std::max(work_most, world.wheel->advance(now_tick, 64, [&](std::uint32_t index) {
      late += world.nodes[index].expires_tick != now_tick ? 1U : 0U;
      if (index == kTimers) world.wheel->arm(kTimers, now_tick + 10);
    }));
  }
  EXPECT_EQ(late, 0U);
  EXPECT_EQ(work_most, 64U);
  EXPECT_TRUE(world.wheel->audit());
}

// What a fire some places behind will touch is known early, whatever way its timer came into the
// bucket; where timers have left in between, it is a hint and no more.
TEST(Wheel, SaysBeforeAFireWhoFiresEightPlacesBehind) {
  constexpr std::uint32_t kTimers = 40;
  for (const std::uint64_t tick : {50ULL, 100ULL, 5000ULL, 300'000ULL}) {
    World world(kTimers);
    for (std::uint32_t i = 0; i < kTimers; ++i) world.wheel->arm((i * 7) % kTimers, tick);
    Fired fired, told;
    world.wheel->advance(
        tick, kPlenty, [&](std::uint32_t index) { fired.push_back(index); },
        [&](std::uint32_t index, std::uint32_t later) {
          ASSERT_TRUE(world.wheel->armed(index)) << "before its fire";
          told.push_back(later);
        });
    ASSERT_EQ(fired.size(), kTimers);
    for (std::uint32_t i = 0; i + 8 < kTimers; ++i) {
      EXPECT_EQ(told[i], fired[i + 8]) << "at " << tick << ", fire " << i;
    }
  }
}

TEST(TickLength, DividesAsADivisionWould) {
  std::mt19937_64 random(1);
  for (const std::uint64_t ns : {2ULL, 3ULL, 10'000ULL, 65'536ULL, 1'000'000ULL, 999'999'937ULL}) {
    const TickLength tick(ns);
    for (int i = 0; i < 20'000; ++i) {
      std::uint64_t time = random() >> (1 + random() % 63);
      if (i % 2 == 0) time = time / ns * ns + (random() % 3) - 1;  // at a border
      time &= ~std::uint64_t{0} >> 1;
      ASSERT_EQ(tick.passed(time), time / ns) << time << " / " << ns;
      if (time < std::uint64_t{1} << 62) {
        ASSERT_EQ(tick.from(time), (time + ns - 1) / ns);
      }
    }
  }
}

// The reference: timers by tick, and by order of arming within a tick.
class Model {
 public:
  explicit Model(std::size_t timers) : where_(timers, ticks_.end()) {}

  void arm(std::uint32_t index, std::uint64_t tick) {
    cancel(index);
    where_[index] = ticks_.emplace(tick, index);
  }
  bool cancel(std::uint32_t index) {
    if (where_[index] == ticks_.end()) return false;
    ticks_.erase(where_[index]);
    where_[index] = ticks_.end();
    return true;
  }
  std::pair<std::uint64_t, std::uint32_t> take_first() {
    const auto first = *ticks_.begin();
    cancel(first.second);
    return first;
  }
  bool armed(std::uint32_t index) const { return where_[index] != ticks_.end(); }
  std::size_t size() const { return ticks_.size(); }
  std::uint64_t first_tick() const {
    return ticks_.empty() ? Wheel::kNever : ticks_.begin()->first;
  }

 private:
  std::multimap<std::uint64_t, std::uint32_t> ticks_;
  std::vector<std::multimap<std::uint64_t, std::uint32_t>::iterator> where_;
};

class History {
 public:
  History(std::uint64_t seed, std::uint32_t timers)
      : random_(seed),
        timers_(timers),
        start_(seed % 3 == 0 ? 0 : random_() >> (seed % 30 + 2)),
        world_(timers, start_),
        model_(timers),
        now_(start_),
        spread_(1 + random_() % 41) {}

  /// Time jumps and stands still: passes of one budget go on until one has some of it left. Each
  /// but the last does all that it may, all that was due has fired in its order, and none has moved
  /// a timer more than ten times: so a debt is paid in as few passes as its size asks for.
  void pay_debt() {
    quiet_ = true;
    now_ += random_() % 2 == 0 ? any_span() : 1ULL << (random_() % 45);
    const auto budget = static_cast<std::uint32_t>(1 + random_() % 64);
    const std::uint64_t most = 11 * std::uint64_t{wheel().live_count()};
    std::uint64_t total = 0;
    for (std::uint32_t work = budget; work == budget;) {
      work = wheel().advance(now_, budget, [&](std::uint32_t i) { fire(i); });
      total += work;
      ASSERT_TRUE(work <= budget && total <= most) << total << " of " << most;
      ASSERT_TRUE(wheel().audit());
    }
    ASSERT_EQ(wheel().position(), now_);
    ASSERT_GT(model_.first_tick(), now_);
    quiet_ = false;
  }

  void run(int steps) {
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      switch (random_() % 8) {
        case 0:
        case 1:
        case 2:
          arm();
          break;
        case 3:
          cancel();
          break;
        default:
          advance();
          break;
      }
      ASSERT_EQ(wheel().live_count(), model_.size());
      if (step % 16 == 0) {
        ASSERT_TRUE(wheel().audit()) << "step " << step;
      }
    }
  }

 private:
  Wheel& wheel() { return *world_.wheel; }
  std::uint32_t any() { return static_cast<std::uint32_t>(random_() % timers_); }
  std::uint64_t any_span() { return random_() & ((1ULL << (random_() % spread_)) - 1); }

  void arm() {
    const std::uint32_t index = any();
    std::uint64_t tick = now_ + any_span();
    if (random_() % 8 == 0) tick = now_ - std::min(now_, any_span());         // the past
    if (random_() % 4 == 0) tick = (now_ | 63) + random_() % 3;               // a border
    if (random_() % 64 == 0) tick = now_ + (1ULL << 40) + random_() % 3;      // far away
    if (random_() % 4 == 0 && model_.size() > 0) tick = model_.first_tick();  // a tie
    wheel().arm(index, tick);
    model_.arm(index, std::max(tick, wheel().position()));
  }

  void cancel() {
    const std::uint32_t index = any();
    ASSERT_EQ(wheel().armed(index), model_.armed(index));
    ASSERT_EQ(wheel().cancel(index), model_.cancel(index));
  }

  void advance() {
    const std::uint64_t bound = wheel().next_expiry_bound();
    ASSERT_LE(bound, std::max(model_.first_tick(), now_));
    if (random_() % 4 == 0 && bound != Wheel::kNever) {
      if (bound > now_ + 1) {  // a call before the bound does nothing
        ASSERT_EQ(wheel().advance(bound - 1, kPlenty, [](std::uint32_t) { FAIL(); }), 0U);
      }
      now_ = std::max(now_, bound);
    } else {
      now_ += random_() % 3 == 0 ? any_span() : random_() % 3;
      if (random_() % 256 == 0) now_ += 1ULL << 40;
    }
    const bool has_work = wheel().next_expiry_bound() <= now_;
    const auto budget =
        static_cast<std::uint32_t>(random_() % 2 == 0 ? 1 + random_() % 4 : 1 + any_span() % 1000);
    fires_ = 0;
    const std::uint32_t work = wheel().advance(now_, budget, [&](std::uint32_t i) { fire(i); });
    ASSERT_EQ(work > 0, has_work) << "work is due exactly from the bound on";
    ASSERT_LE(fires_, work);
    ASSERT_LE(work, budget);
    ASSERT_LE(wheel().position(), now_);
    if (work < budget) {
      ASSERT_EQ(wheel().position(), now_);
      ASSERT_GT(model_.first_tick(), now_) << "all that is due has fired";
      ASSERT_GT(wheel().next_expiry_bound(), now_);
    }
  }

  void fire(std::uint32_t index) {
    ++fires_;
    ASSERT_FALSE(wheel().armed(index));
    ASSERT_GT(model_.size(), 0U);
    const auto [tick, expected] = model_.take_first();
    ASSERT_EQ(index, expected) << "order";
    ASSERT_LE(tick, now_) << "early";
    ASSERT_EQ(world_.nodes[index].expires_tick, tick);
    if (!quiet_ && random_() % 4 == 0) arm();
    if (!quiet_ && random_() % 4 == 0) cancel();
  }

  std::mt19937_64 random_;
  std::uint32_t timers_;
  std::uint64_t start_;
  World world_;
  Model model_;
  std::uint64_t now_;
  std::uint64_t spread_;
  std::uint32_t fires_ = 0;
  bool quiet_ = false;  // fires arm and cancel nothing
};

TEST(Wheel, AgreesWithTheModelOverRandomHistories) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    History history(seed, seed % 4 == 0 ? 500 : 12);
    history.run(1500);
    if (HasFailure()) return;
  }
}

TEST(Wheel, PassesGoOnUntilEveryDebtIsPaid) {
  for (std::uint64_t seed = 1000; seed < 1200; ++seed) {
    SCOPED_TRACE(::testing::Message() << "seed " << seed);
    History history(seed, seed % 4 == 0 ? 500 : 12);
    for (int round = 0; round < 8; ++round) {
      history.run(150);
      history.pay_debt();
      if (HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace tina::internal
