// SPDX-License-Identifier: Apache-2.0
// The goal: what a production backend asks of the kernel is as little as it says, and counted.
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "src/os_uring.h"

namespace tina::internal {
namespace {

class Uring : public testing::Test {
 protected:
  void SetUp() override {
    const std::int32_t opened = platform.open(kLanes, wake);
    if (opened == -EPERM || opened == -ENOSYS) GTEST_SKIP() << "io_uring is not available here";
    ASSERT_EQ(opened, 0);
    platform.submit();  // the wake's poll
  }
  ~Uring() override { ::close(wake); }

  /// An operation that fails at once, whatever the machine.
  void start(std::uint32_t slot) {
    UringPlatform::calls().start(&platform,
                                 Operation{Token::make(0, slot, 0), OpCode::kSend, -1, nullptr, 0});
  }
  std::uint32_t collect() {
    return platform.collect(kLanes, [](Token, std::int32_t value) { EXPECT_EQ(value, -EBADF); });
  }

  static constexpr std::uint32_t kLanes = 200;
  const int wake = ::eventfd(0, EFD_CLOEXEC);
  UringPlatform platform;
};

TEST_F(Uring, SubmitsFullBatchesBeforeThePassEnds) {
  const std::uint64_t before = platform.system_calls();
  for (std::uint32_t i = 0; i < UringPlatform::kEntriesPerEnter; ++i) start(i);
  EXPECT_EQ(platform.system_calls(), before) << "it may be the pass's only batch";
  EXPECT_FALSE(platform.has_news());
  for (std::uint32_t i = 0; i < 2 * UringPlatform::kEntriesPerEnter; ++i) start(100 + i);
  EXPECT_EQ(platform.system_calls(), before + 2);
  EXPECT_TRUE(platform.has_news()) << "the first have ended";
  platform.submit();
  EXPECT_EQ(platform.system_calls(), before + 3);
  EXPECT_EQ(collect(), 3 * UringPlatform::kEntriesPerEnter);
  EXPECT_FALSE(platform.has_news());
}

TEST_F(Uring, APassWithNothingToSubmitAsksNothing) {
  const std::uint64_t before = platform.system_calls();
  for (int pass = 0; pass < 10; ++pass) {
    EXPECT_EQ(collect(), 0u);
    platform.submit();
  }
  EXPECT_EQ(platform.system_calls(), before);
}

TEST_F(Uring, AFinishNeedsNoOtherThread) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  const Operation finish{Token::make(0, 0, 0), OpCode::kFinish, ends[0], nullptr, 0};
  UringPlatform::calls().start(&platform, finish);
  platform.submit();
  std::int32_t ended = -1;
  EXPECT_EQ(platform.collect(kLanes, [&](Token, std::int32_t value) { ended = value; }), 1u)
      << "it is there at once";
  EXPECT_EQ(ended, 0);
  char byte = 0;
  EXPECT_EQ(::read(ends[1], &byte, 1), 0) << "the other end has read the end";
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_F(Uring, AWakeIsNews) {
  EXPECT_FALSE(platform.has_news());
  const std::uint64_t one = 1;
  ASSERT_EQ(::write(wake, &one, sizeof one), 8);
  EXPECT_TRUE(platform.has_news());
  EXPECT_EQ(collect(), 0u) << "it is the platform's own";
}

}  // namespace
}  // namespace tina::internal
