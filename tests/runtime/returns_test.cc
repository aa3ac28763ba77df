// SPDX-License-Identifier: Apache-2.0
// The way back from other threads (src/returns.h) on both backends: nothing is lost, nothing comes
// twice, what was written before is seen, and a shard that sleeps is woken.
#include "src/returns.h"

#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "src/os_epoll.h"
#include "src/os_uring.h"

namespace tina::internal {
namespace {

TEST(ManyToOne, KeepsTheOrderOfOneProducer) {
  ManyToOne<std::uint32_t> queue;
  queue.make_room(3);
  std::uint32_t value = 0;
  EXPECT_FALSE(queue.any());
  EXPECT_FALSE(queue.pop(value));
  for (std::uint32_t round = 0; round < 10; ++round) {
    for (std::uint32_t i = 0; i < 4; ++i) queue.push(4 * round + i);
    EXPECT_TRUE(queue.any() && queue.any_for_sleeper());
    for (std::uint32_t i = 0; i < 4; ++i) {
      ASSERT_TRUE(queue.pop(value));
      EXPECT_EQ(value, 4 * round + i);
    }
    EXPECT_FALSE(queue.pop(value));
  }
}

TEST(ManyToOneDeathTest, WantsAPlaceForWhatIsPushed) {
  ManyToOne<std::uint32_t> queue;
  queue.make_room(1);
  queue.push(1);
  queue.push(2);
  EXPECT_DEATH(queue.push(3), "");
}

/// Lanes that other threads complete: each is started again only when its completion was taken.
template <class P>
void complete_from_two_threads(P& platform, SleepFlag& sleeper, Returns& returns) {
  constexpr std::uint32_t kLanes = 8, kRounds = 5'000;
  struct Lane {
    std::atomic<std::uint32_t> started{0};
    std::uint32_t written = 0;  ///< by the thread that completes, as into an operand
  };
  std::vector<Lane> lanes(kLanes);
  const auto complete = [&lanes, &returns](std::uint32_t first) {
    std::array<std::uint32_t, kLanes> done{};
    for (std::uint32_t left = kRounds * kLanes / 2; left > 0;) {
      for (std::uint32_t i = first; i < kLanes; i += 2) {
        // acquire: pairs with the release of who starts.
        if (lanes[i].started.load(std::memory_order_acquire) == done[i]) continue;
        lanes[i].written = ++done[i];
        returns.push(Token::make(0, i, 0), static_cast<std::int32_t>(done[i]));
        --left;
      }
    }
  };
  for (Lane& lane : lanes) lane.started.store(1, std::memory_order_release);
  std::thread even(complete, 0), odd(complete, 1);
  std::uint32_t taken = 0;
  while (taken < kLanes * kRounds) {
    const std::uint32_t handed = platform.collect(5, [&](Token token, std::int32_t value) {
      Lane& lane = lanes[token.slot()];
      const std::uint32_t begun = lane.started.load(std::memory_order_relaxed);
      EXPECT_EQ(value, static_cast<std::int32_t>(begun));
      EXPECT_EQ(lane.written, begun);
      ++taken;
      if (begun < kRounds) lane.started.store(begun + 1, std::memory_order_release);
    });
    EXPECT_LE(handed, 5U);
    platform.submit();
    if (handed > 0 || platform.has_news()) continue;
    sleeper.announce_sleep();
    (platform.*&P::sleep)(0);  // forever, if a wake is lost
    sleeper.clear();
  }
  even.join();
  odd.join();
  EXPECT_FALSE(returns.any());
}

class ReturnsTest : public testing::Test {
 protected:
  ReturnsTest() : wake_(::eventfd(0, EFD_CLOEXEC)) { returns_.open(8, sleeper_, wake_); }
  ~ReturnsTest() override { ::close(wake_); }

  int wake_;
  SleepFlag sleeper_;
  Returns returns_;
};

TEST_F(ReturnsTest, WakesAShardOnIoUring) {
  UringPlatform platform;
  ASSERT_EQ(platform.open(8, wake_), 0);
  platform.listen_to(returns_);
  complete_from_two_threads(platform, sleeper_, returns_);
}

TEST_F(ReturnsTest, WakesAShardOnEpoll) {
  auto platform = std::make_unique<EpollPlatform>();
  const LaneGroup lanes{8, 1};
  ASSERT_EQ(platform->open({&lanes, 1}, wake_), 0);
  platform->listen_to(returns_);
  complete_from_two_threads(*platform, sleeper_, returns_);
}

}  // namespace
}  // namespace tina::internal
