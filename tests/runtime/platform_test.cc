// SPDX-License-Identifier: Apache-2.0
// The production platforms by themselves: they sleep as long as they are told and no longer than
// until they are woken, ask the kernel for no more than they must, and have a place for every
// completion. What operations end with is the parity suite's (tests/parity).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <set>
#include <vector>

#include "src/os_epoll.h"
#include "src/os_thread.h"
#include "src/os_uring.h"

namespace tina::internal {
namespace {

constexpr std::uint32_t kSlots = 300, kRecords = 2;
constexpr std::uint32_t kAll = 4096;

std::int32_t open_platform(EpollPlatform& platform, int wake) {
  const LaneGroup lanes[] = {{kSlots, kRecords}};
  return platform.open(lanes, wake);
}
std::int32_t open_platform(UringPlatform& platform, int wake) {
  return platform.open(kSlots * kRecords, wake);
}

template <class P>
class Platforms : public testing::Test {
 protected:
  void SetUp() override {
    std::uint32_t features = 0;
    const bool ring = std::is_same_v<P, UringPlatform>;
    if (ring && UringPlatform::probe(64, 1, features) != 0) GTEST_SKIP() << "no io_uring here";
    ASSERT_EQ(open_platform(platform, wake), 0);
  }
  void TearDown() override {
    for (const int descriptor : sockets) ::close(descriptor);
    ::close(wake);
  }
  /// Starts a receive in each of `count` slots; nothing ever comes.
  void receive(std::uint32_t count) {
    for (std::uint32_t slot = 0; slot < count; ++slot) {
      int ends[2];
      ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
      sockets.insert(sockets.end(), ends, ends + 2);
      P::calls().start(&platform,
                       {Token::make(0, slot, 0), OpCode::kReceive, ends[0], buffer, sizeof buffer});
    }
  }
  /// The slots whose receive ends in the next passes.
  std::multiset<std::uint32_t> ended(std::int32_t wanted) {
    std::multiset<std::uint32_t> slots;
    for (int pass = 0; pass < 4; ++pass) {
      platform.submit();
      platform.collect(kAll, [&](Token token, std::int32_t value) {
        EXPECT_EQ(value, wanted);
        slots.insert(token.slot());
      });
    }
    return slots;
  }

  const int wake = ::eventfd(0, EFD_CLOEXEC);
  P platform;
  std::vector<int> sockets;
  std::byte buffer[16];
};
using Both = testing::Types<UringPlatform, EpollPlatform>;
TYPED_TEST_SUITE(Platforms, Both);

TYPED_TEST(Platforms, SleepsUntilItsDeadlineAndNotLess) {
  for (const std::uint64_t ns : {1'000U, 700'000U, 3'300'000U}) {
    const std::uint64_t deadline = this->platform.now_ns() + ns;
    this->platform.sleep(deadline);
    EXPECT_GE(this->platform.now_ns(), deadline);
  }
}

TYPED_TEST(Platforms, IsWokenByItsEventfd) {
  wake_thread(this->wake);
  this->platform.sleep(0);  // or it never ends
  this->ended(0);
  wake_thread(this->wake);
  this->platform.sleep(0);
}

TYPED_TEST(Platforms, AsksTheKernelNothingWhereNothingWaits) {
  this->ended(0);
  const std::uint64_t before = this->platform.system_calls();
  for (int pass = 0; pass < 100; ++pass) {
    this->platform.submit();
    EXPECT_EQ(this->platform.collect(kAll, [](Token, std::int32_t) {}), 0U);
  }
  EXPECT_EQ(this->platform.system_calls(), before);
}

TYPED_TEST(Platforms, HasAPlaceForTheCompletionOfEveryLane) {
  this->receive(kSlots);
  EXPECT_TRUE(this->ended(0).empty());
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    TypeParam::calls().cancel(&this->platform, Token::make(0, slot, 0));
  }
  const auto slots = this->ended(-ECANCELED);
  EXPECT_EQ(slots.size(), kSlots);
  EXPECT_EQ(std::set(slots.begin(), slots.end()).size(), kSlots) << "each once";
}

using Epoll = Platforms<EpollPlatform>;

TEST_F(Epoll, LooksAtMostOnceInAPass) {
  receive(1);
  ended(0);
  const std::uint64_t before = platform.system_calls();
  for (int pass = 0; pass < 100; ++pass) {
    platform.submit();
    platform.collect(kAll, [](Token, std::int32_t) {});
  }
  EXPECT_EQ(platform.system_calls(), before + 100);
}

TEST_F(Epoll, LooksThoughItsQueueIsNeverEmpty) {
  receive(2);
  ended(0);
  ASSERT_EQ(::send(sockets[3], "x", 1, 0), 1);  // for slot 1
  bool came = false;
  for (unsigned pass = 0; pass < 4 * EpollPlatform::kPassesWithoutLook; ++pass) {
    const Operation send{Token::make(0, 0, 1), OpCode::kSend, sockets[0], buffer, 1};
    EpollPlatform::calls().start(&platform, send);  // ends at once
    platform.collect(kAll, [&](Token token, std::int32_t) { came = came || token.slot() == 1; });
  }
  EXPECT_TRUE(came);
}

TEST(EpollLimits, RefuseADescriptorBeyondWhatWasThereAtBoot) {
  rlimit whole{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &whole), 0);
  const int wake = ::eventfd(0, EFD_CLOEXEC);
  rlimit few = whole;
  few.rlim_cur = static_cast<rlim_t>(wake) + 8;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  EpollPlatform platform;
  EXPECT_EQ(open_platform(platform, wake), 0);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &whole), 0);
  std::vector<int> taken;
  do {
    taken.push_back(::fcntl(wake, F_DUPFD_CLOEXEC, 0));
  } while (taken.back() < static_cast<int>(few.rlim_cur));
  ::close(taken.back());
  taken.pop_back();  // all that it may have are taken now
  const IoTable stream{.name = "stream",
                       .kind = IoKind::kTcpStream,
                       .first_record = 0,
                       .first_completion = 0,
                       .lanes = 3};
  const OpenRequest request{stream, net::Address::loopback(0)};
  EXPECT_EQ(EpollPlatform::calls().open(&platform, request), -EMFILE);
  ::close(taken.back());
  const std::int32_t opened = EpollPlatform::calls().open(&platform, request);
  EXPECT_EQ(opened, taken.back());
  taken.pop_back();
  EpollPlatform::calls().close(&platform, opened);
  for (const int descriptor : taken) ::close(descriptor);
  ::close(wake);
}

}  // namespace
}  // namespace tina::internal
