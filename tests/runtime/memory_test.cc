// SPDX-License-Identifier: Apache-2.0
// Goal: a shard's block is whole between guards, present when it shall be, near its processor where
// the machine has several memory nodes; and what limits memory is found before a page is touched.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "src/os_memory.h"
#include "src/os_nodes.h"

namespace tina::internal {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kMiB = std::size_t{1} << 20;

std::size_t present_pages(std::byte* block, std::size_t size) {
  std::vector<unsigned char> pages(size / kPage);
  EXPECT_EQ(::mincore(block, size, pages.data()), 0);
  std::size_t present = 0;
  for (const unsigned char page : pages) present += page & 1;
  return present;
}

TEST(Block, IsNotPresentUntilItIsMade) {
  for (const std::size_t size : {kPage, 100 * kPage, 5 * kMiB}) {
    std::byte* const block = map_block(size);
    ASSERT_NE(block, nullptr);
    EXPECT_EQ(present_pages(block, size), 0u);
    ASSERT_TRUE(make_present(block, size));
    EXPECT_EQ(present_pages(block, size), size / kPage);
    for (std::size_t at = 0; at < size; at += 512) ASSERT_EQ(block[at], std::byte{0});
    EXPECT_LE(huge_bytes(block, size), size);
    unmap_block(block, size);
  }
}

TEST(Block, IsAlignedForHugePages) {
  std::byte* const block = map_block(5 * kMiB);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % (2 * kMiB), 0u);
  unmap_block(block, 5 * kMiB);
}

TEST(Block, HasAGuardOnEachSide) {
  const std::size_t size = 3 * kPage;
  std::byte* const block = map_block(size);
  ASSERT_NE(block, nullptr);
  EXPECT_DEATH(block[-1] = std::byte{1}, "");
  EXPECT_DEATH(block[-static_cast<std::ptrdiff_t>(kGuardSize)] = std::byte{1}, "");
  EXPECT_DEATH(block[size] = std::byte{1}, "");
  EXPECT_DEATH(block[size + kGuardSize - 1] = std::byte{1}, "");
  unmap_block(block, size);
}

TEST(Block, ThatIsTooLargeIsRefusedWithAReason) {
  errno = 0;
  EXPECT_EQ(map_block(std::size_t{1} << 60), nullptr);
  EXPECT_EQ(errno, ENOMEM);
}

/// A directory with the files of /proc and /sys that the limits are read from.
class MemoryLimitsOf : public testing::Test {
 protected:
  void SetUp() override {
    root_ =
        std::filesystem::path(testing::TempDir()) /
        (std::string("limits_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = root_ / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
  }
  MemoryLimits read() const { return memory_limits(root_.string()); }

 private:
  std::filesystem::path root_;
};

TEST_F(MemoryLimitsOf, AMachineThatSaysNothingAreNone) {
  EXPECT_EQ(read().group, MemoryLimits::kUnlimited);
  EXPECT_EQ(read().available, MemoryLimits::kUnlimited);
}

TEST_F(MemoryLimitsOf, TheFirstVersionAreThoseOfTheGroupAndAllAbove) {
  write("proc/self/cgroup", "5:devices:/\n4:memory:/box/inner\n0::/\n");
  write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
  write("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "5000\n");
  write("sys/fs/cgroup/memory/box/inner/memory.limit_in_bytes", "7000\n");
  EXPECT_EQ(read().group, 5000u);
}

TEST_F(MemoryLimitsOf, TheSecondVersionAreThoseOfTheGroupAndAllAbove) {
  write("proc/self/cgroup", "0::/a/b\n");
  write("sys/fs/cgroup/a/memory.max", "max\n");
  write("sys/fs/cgroup/a/b/memory.max", "4096\n");
  EXPECT_EQ(read().group, 4096u);
}

TEST_F(MemoryLimitsOf, AContainerAreThoseAtTheRootThatItSees) {
  write("proc/self/cgroup", "0::/../../hidden\n");
  write("sys/fs/cgroup/memory.max", "8192\n");
  EXPECT_EQ(read().group, 8192u);
}

TEST_F(MemoryLimitsOf, TheMachineAreFreeMemoryAndSwap) {
  write("proc/meminfo", "MemTotal:  90 kB\nMemAvailable:   50 kB\nSwapFree: 4 kB\nDirty: 1 kB\n");
  EXPECT_EQ(read().available, 54u * 1024);
}

/// What a machine with several nodes would be asked.
struct Asked {
  std::string list;
  int node = 0;
  int answer = 0;
  unsigned calls = 0;
  std::size_t size = 0;
  std::vector<unsigned> nodes = {};
};
Asked g_asked;

constexpr NodeCalls kPretended = {
    [](char* text, std::size_t size) {
      std::strncpy(text, g_asked.list.c_str(), size);
      return g_asked.list.size();
    },
    [] { return g_asked.node; },
    [](std::byte*, std::size_t size, const unsigned long* mask, unsigned long bits) {
      ++g_asked.calls;
      g_asked.size = size;
      for (unsigned bit = 0; bit + 1 < bits; ++bit) {
        if ((mask[bit / 64] >> (bit % 64) & 1) != 0) g_asked.nodes.push_back(bit);
      }
      return g_asked.answer;
    }};

TEST(Nodes, AreCountedFromTheList) {
  EXPECT_EQ(count_nodes("0\n"), 1u);
  EXPECT_EQ(count_nodes("0-1\n"), 2u);
  EXPECT_EQ(count_nodes("0-3,8,10-11\n"), 7u);
  EXPECT_EQ(count_nodes(""), 1u);
  EXPECT_EQ(count_nodes("nonsense"), 1u);
  EXPECT_EQ(count_nodes("3-1"), 1u);
  EXPECT_EQ(count_nodes("0-99999999999"), 1u);
}

TEST(Nodes, OfOneAreNotAskedForAPolicy) {
  g_asked = {.list = "0\n"};
  const NodePlace place = place_near(nullptr, kPage, kPretended);
  EXPECT_EQ(place.nodes, 1u);
  EXPECT_EQ(place.node, -1);
  EXPECT_EQ(g_asked.calls, 0u);
}

TEST(Nodes, GiveMemoryNearTheProcessorOfTheShard) {
  for (const int node : {0, 1, 63, 64, 1023}) {
    g_asked = {.list = "0-1023\n", .node = node};
    const NodePlace place = place_near(nullptr, 3 * kPage, kPretended);
    EXPECT_EQ(place.nodes, 1024u);
    EXPECT_EQ(place.node, node);
    EXPECT_EQ(place.error, 0);
    EXPECT_EQ(g_asked.size, 3 * kPage);
    EXPECT_EQ(g_asked.nodes, std::vector<unsigned>{static_cast<unsigned>(node)});
  }
}

TEST(Nodes, ThatRefuseAPolicyAreSaidAndNoFailure) {
  g_asked = {.list = "0-1\n", .node = 1, .answer = EPERM};
  EXPECT_EQ(place_near(nullptr, kPage, kPretended).error, EPERM);
  g_asked = {.list = "0-1\n", .node = -1};
  EXPECT_EQ(place_near(nullptr, kPage, kPretended).node, -1);
  EXPECT_EQ(g_asked.calls, 0u);
}

TEST(Nodes, OfThisMachineTakeTheCall) {
  std::byte* const block = map_block(kPage);
  constexpr NodeCalls kSeveral = {
      [](char* text, std::size_t) {
        std::strcpy(text, "0-1");
        return std::size_t{3};
      },
      [] { return node_calls().node(); },
      [](std::byte* at, std::size_t size, const unsigned long* mask, unsigned long bits) {
        return node_calls().prefer(at, size, mask, bits);
      }};
  const NodePlace place = place_near(block, kPage, kSeveral);
  // A container's profile may forbid it, a kernel may not have it: both are answers.
  EXPECT_TRUE(place.error == 0 || place.error == EPERM || place.error == ENOSYS) << place.error;
  EXPECT_TRUE(make_present(block, kPage));
  unmap_block(block, kPage);
}

}  // namespace
}  // namespace tina::internal
