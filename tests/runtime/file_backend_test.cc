// SPDX-License-Identifier: Apache-2.0
// The goal: every operation on a file ends on io_uring and on epoll as the file system says, what
// the disk refuses is a result, and nothing that was opened stays open.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "src/os_epoll.h"
#include "src/os_uring.h"
#include "src/returns.h"
#include "tina/contract_file.h"
#include "tina/fs.h"

namespace tina::internal {
namespace {

constexpr std::uint32_t kSlots = 64, kRecords = 3;
constexpr std::uint64_t kLimitNs = 20'000'000'000;

/// One lane, with what an operation in it needs.
struct Lane {
  alignas(8) std::array<std::byte, sizeof(ReadOperand)> operand{};
};

std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

std::int32_t make(UringPlatform& platform, int wake) {
  return platform.open(kSlots * kRecords, wake, kSlots * kRecords);
}
std::int32_t make(EpollPlatform& platform, int wake) {
  const LaneGroup group{kSlots, kRecords};
  return platform.open({&group, 1}, wake, kSlots * kRecords);
}

template <class P>
class FileBackend : public ::testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/tina_files.XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    directory = name;
    wake = ::eventfd(0, EFD_CLOEXEC);
    returns.open(kSlots * kRecords, sleeper, wake);
    const std::int32_t made = make_platform();
    if (made != 0) GTEST_SKIP() << "not here: " << std::strerror(-made);
  }
  void TearDown() override {
    platform.reset();
    ::close(wake);
    std::filesystem::remove_all(directory);
  }

  std::int32_t make_platform() {
    platform = std::make_unique<P>();
    platform->listen_to(returns);
    return make(*platform, wake);
  }
  std::string path(const std::string& name) const { return directory + "/" + name; }
  void write_file(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }
  std::string read_file(const std::string& name) const {
    std::ifstream file(path(name));
    return {std::istreambuf_iterator<char>(file), {}};
  }

  template <class Operand>
  Token start(OpCode op, std::int32_t on, const Operand& operand, const std::byte* data = nullptr,
              std::size_t size = 0, std::uint32_t slot = 0, std::uint8_t lane = 0) {
    Lane& place = lanes[slot * kRecords + lane];
    static_assert(sizeof operand <= sizeof place.operand);
    std::memcpy(place.operand.data(), &operand, sizeof operand);
    const Token token = Token::make(0, slot, lane);
    P::calls().start(platform.get(), {token, op, on, data, static_cast<std::uint32_t>(size), 0,
                                      place.operand.data()});
    return token;
  }
  std::int32_t wait(Token token) {
    while (!ended.contains(token.bits)) {
      platform->submit();
      const auto take = [this](Token of, std::int32_t value) { ended[of.bits] = value; };
      if (platform->collect(4096, take) > 0) continue;
      sleeper.announce_sleep();
      ((*platform).*(&P::sleep))(monotonic_ns() + kLimitNs);  // until something ends
      sleeper.clear();
    }
    const std::int32_t value = ended[token.bits];
    ended.erase(token.bits);
    return value;
  }
  template <class Operand>
  std::int32_t run(OpCode op, std::int32_t on, const Operand& operand,
                   const std::byte* data = nullptr, std::size_t size = 0) {
    return wait(start(op, on, operand, data, size));
  }
  std::int32_t open(const std::string& name, fs::Open flags) {
    return run(OpCode::kOpen, -1,
               OpenOperand{fs::Path(path(name)), static_cast<std::uint32_t>(flags), 0644, 0});
  }
  void close(std::int32_t descriptor) { P::calls().close(platform.get(), descriptor); }
  std::int32_t write(std::int32_t on, std::uint64_t offset, const std::string& text) {
    return run(OpCode::kWrite, on, WriteOperand{offset},
               reinterpret_cast<const std::byte*>(text.data()), text.size());
  }
  std::int32_t gather(OpCode op, std::int32_t on, std::uint64_t offset,
                      const std::vector<std::string>& texts) {
    std::vector<GatherPart> parts;
    for (const std::string& text : texts) {
      parts.push_back({reinterpret_cast<const std::byte*>(text.data()), text.size()});
    }
    return run(op, on, WriteOperand{offset}, reinterpret_cast<const std::byte*>(parts.data()),
               parts.size());
  }
  std::string read(std::int32_t on, std::uint64_t offset, std::uint32_t most = 0) {
    std::array<std::byte, 64> buffer{};
    const std::int32_t value =
        run(OpCode::kRead, on, ReadExtra{offset, most, 0}, buffer.data(), buffer.size());
    if (value < 0) return std::strerror(-value);
    return {reinterpret_cast<const char*>(buffer.data()), static_cast<std::size_t>(value)};
  }

  static constexpr fs::Open kBoth = fs::Open::kRead | fs::Open::kWrite;
  static constexpr fs::Open kNew = kBoth | fs::Open::kCreate;

  std::string directory;
  int wake = -1;
  SleepFlag sleeper;
  Returns returns;
  std::unique_ptr<P> platform;
  std::array<Lane, kSlots * kRecords> lanes;
  std::map<std::uint64_t, std::int32_t> ended;
};

using Platforms = ::testing::Types<UringPlatform, EpollPlatform>;
TYPED_TEST_SUITE(FileBackend, Platforms);

TYPED_TEST(FileBackend, WritesAndReadsWhereItIsTold) {
  const std::int32_t file = this->open("book", this->kNew);
  ASSERT_GE(file, 0);
  EXPECT_EQ(this->write(file, 0, "one two"), 7);
  EXPECT_EQ(this->write(file, 4, "TWO and more"), 12);
  EXPECT_EQ(this->read(file, 0), "one TWO and more");
  EXPECT_EQ(this->read(file, 4, 3), "TWO");
  EXPECT_EQ(this->read(file, 16), "");
  EXPECT_EQ(this->read(file, std::uint64_t{1} << 63), std::strerror(EINVAL));
  EXPECT_EQ(this->read_file("book"), "one TWO and more");
  this->close(file);
}

TYPED_TEST(FileBackend, GathersPartsAndCommitsThem) {
  const std::int32_t file = this->open("book", this->kNew);
  EXPECT_EQ(this->gather(OpCode::kWriteGathered, file, 0, {"a", "", "bcd", "ef"}), 6);
  EXPECT_EQ(this->gather(OpCode::kCommit, file, 6, {"gh", "i"}), kAllMoved);
  EXPECT_EQ(this->read_file("book"), "abcdefghi");
  EXPECT_EQ(this->run(OpCode::kSync, file, WriteOperand{0}), 0);
  EXPECT_EQ(this->run(OpCode::kSyncData, file, WriteOperand{0}), 0);
  this->close(file);
}

TYPED_TEST(FileBackend, ReadsIntoSeveralBuffers) {
  this->write_file("book", "0123456789");
  const std::int32_t file = this->open("book", fs::Open::kRead);
  char first[3] = "..", second[5] = "....", third[9] = "........";
  const std::array<GatherPart, 3> parts{{{reinterpret_cast<std::byte*>(first), 2},
                                         {reinterpret_cast<std::byte*>(second), 4},
                                         {reinterpret_cast<std::byte*>(third), 8}}};
  const auto read = [&](std::int32_t on, std::uint64_t offset) {
    return this->run(OpCode::kReadScattered, on, ReadExtra{offset, 0, 0},
                     reinterpret_cast<const std::byte*>(parts.data()), parts.size());
  };
  EXPECT_EQ(read(file, 1), 9);
  EXPECT_STREQ(first, "12");
  EXPECT_STREQ(second, "3456");
  EXPECT_STREQ(third, "789.....") << "behind its end the file has nothing";
  EXPECT_EQ(read(file, 10), 0);
  EXPECT_EQ(read(file, std::uint64_t{1} << 63), -EINVAL);
  EXPECT_EQ(read(999, 0), -EBADF);
  this->close(file);
}

TYPED_TEST(FileBackend, SaysWhatItKnowsOfAFile) {
  this->write_file("book", "twelve bytes");
  const std::int32_t file = this->open("book", fs::Open::kRead);
  const Token token = this->start(OpCode::kDescribe, file, ReadExtra{});
  ASSERT_EQ(this->wait(token), 0);
  const auto& operand = *reinterpret_cast<const ReadOperand*>(this->lanes[0].operand.data());
  const fs::Facts facts = facts_of(operand.status);
  EXPECT_EQ(facts.size, 12u);
  EXPECT_EQ(facts.what, fs::What::kFile);
  EXPECT_EQ(facts.links, 1u);
  struct stat really;
  ASSERT_EQ(::stat(this->path("book").c_str(), &really), 0);
  EXPECT_EQ(facts.mode, really.st_mode & 07777);
  EXPECT_EQ(facts.modified_ns, really.st_mtim.tv_sec * 1'000'000'000 + really.st_mtim.tv_nsec);
  this->close(file);
}

TYPED_TEST(FileBackend, TruncatesBothWays) {
  const std::int32_t file = this->open("book", this->kNew);
  this->write(file, 0, "long text");
  EXPECT_EQ(this->run(OpCode::kTruncate, file, WriteOperand{4}), 0);
  EXPECT_EQ(this->read_file("book"), "long");
  EXPECT_EQ(this->run(OpCode::kTruncate, file, WriteOperand{6}), 0);
  EXPECT_EQ(this->read_file("book"), std::string("long\0\0", 6));
  EXPECT_EQ(this->run(OpCode::kTruncate, file, WriteOperand{~std::uint64_t{0}}), -EFBIG);
  this->close(file);
}

TYPED_TEST(FileBackend, WhatTheFileSystemRefusesIsAResult) {
  this->write_file("book", "text");
  EXPECT_EQ(this->open("missing", fs::Open::kRead), -ENOENT);
  EXPECT_EQ(this->open("missing/book", this->kNew), -ENOENT);
  EXPECT_EQ(this->open("book/book", this->kNew), -ENOTDIR);
  EXPECT_EQ(this->open("book", this->kNew | fs::Open::kExclusive), -EEXIST);
  EXPECT_EQ(this->open("", this->kBoth), -EISDIR);
  ASSERT_EQ(::symlink("book", this->path("link").c_str()), 0);
  EXPECT_EQ(this->open("link", fs::Open::kRead | fs::Open::kNoFollow), -ELOOP);
  const std::int32_t reader = this->open("book", fs::Open::kRead);
  EXPECT_EQ(this->write(reader, 0, "x"), -EBADF) << "it is open for reading only";
  const std::int32_t writer = this->open("book", fs::Open::kWrite | fs::Open::kTruncate);
  EXPECT_EQ(this->read(writer, 0), std::strerror(EBADF));
  EXPECT_EQ(this->read_file("book"), "");
  EXPECT_EQ(this->write(999, 0, "x"), -EBADF);
  this->close(reader);
  this->close(writer);
}

TYPED_TEST(FileBackend, AFileBeyondTheProcesssLimitEndsInEfbigAndNotInDeath) {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGXFSZ);  // as take_signals does it
  ASSERT_EQ(::pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
  rlimit limit{}, small{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &limit), 0);
  small = limit;
  small.rlim_cur = 8;
  // Made anew: its threads inherit the mask.
  ASSERT_EQ(this->make_platform(), 0);
  const std::int32_t file = this->open("book", this->kNew);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::int32_t first = this->write(file, 0, "0123456789");
  const std::int32_t second = this->write(file, 8, "89");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
  EXPECT_EQ(first, 8) << "short, up to the limit";
  EXPECT_EQ(second, -EFBIG);
  this->close(file);
  timespec none{};
  while (::sigtimedwait(&blocked, nullptr, &none) > 0) {
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TYPED_TEST(FileBackend, AFullDiskIsAResult) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  EXPECT_EQ(this->write(full, 0, "x"), -ENOSPC);
  EXPECT_EQ(this->gather(OpCode::kCommit, full, 0, {"x", "y"}), -ENOSPC)
      << "one end, although a commit is two operations";
  this->close(full);
}

TYPED_TEST(FileBackend, ACommitThatFailsEndsOnceBehindAnyNumberOfOthers) {
  const std::int32_t book = this->open("book", this->kNew);
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  const GatherPart part{reinterpret_cast<const std::byte*>("x"), 1};
  for (std::uint32_t others = 0; others < kSlots - 1; ++others) {
    std::vector<Token> tokens;
    for (std::uint32_t slot = 1; slot <= others; ++slot) {
      tokens.push_back(this->start(OpCode::kDescribe, book, WriteOperand{0}, nullptr, 0, slot));
    }
    const Token commit = this->start(OpCode::kCommit, full, WriteOperand{0},
                                     reinterpret_cast<const std::byte*>(&part), 1);
    EXPECT_EQ(this->wait(commit), -ENOSPC) << others;
    for (const Token token : tokens) EXPECT_EQ(this->wait(token), 0);
    this->run(OpCode::kSync, book, WriteOperand{0}, nullptr, 0);
    EXPECT_TRUE(this->ended.empty()) << "a second end behind " << others << " others";
    this->ended.clear();
  }
  this->close(full);
  this->close(book);
}

TYPED_TEST(FileBackend, NoDescriptorLeftIsAResult) {
  rlimit limit{}, none{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  none = limit;
  none.rlim_cur = 3;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  const std::int32_t refused = this->open("book", this->kNew);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(refused, -EMFILE);
  const std::int32_t file = this->open("book", this->kNew);
  EXPECT_GE(file, 0);
  this->close(file);
}

TYPED_TEST(FileBackend, ManyLanesAtOnceEachEndOnce) {
  const std::int32_t file = this->open("book", this->kNew);
  for (int round = 0; round < 50; ++round) {
    std::vector<Token> tokens;
    const std::string text = "0123456789abcdef";
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      tokens.push_back(this->start(OpCode::kWrite, file, WriteOperand{slot * 16},
                                   reinterpret_cast<const std::byte*>(text.data()), text.size(),
                                   slot));
      tokens.push_back(
          this->start(OpCode::kTruncate, file, WriteOperand{kSlots * 16}, nullptr, 0, slot, 1));
    }
    for (const Token token : tokens) EXPECT_EQ(this->wait(token), token.record() == 0 ? 16 : 0);
  }
  EXPECT_EQ(this->read_file("book").size(), kSlots * 16);
  this->close(file);
}

TYPED_TEST(FileBackend, WhatIsCancelledEndsOnce) {
  const std::int32_t file = this->open("book", this->kNew);
  for (int round = 0; round < 200; ++round) {
    std::vector<Token> tokens;
    for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
      tokens.push_back(this->start(OpCode::kTruncate, file, WriteOperand{slot}, nullptr, 0, slot));
    }
    for (const Token token : tokens) TypeParam::calls().cancel(this->platform.get(), token);
    for (const Token token : tokens) {
      const std::int32_t value = this->wait(token);
      EXPECT_TRUE(value == 0 || value == -ECANCELED) << value;
    }
    EXPECT_TRUE(this->ended.empty());
  }
  this->close(file);
}

TYPED_TEST(FileBackend, AHundredThousandOpensLeaveNoDescriptor) {
  const std::size_t before = open_descriptors();
  this->write_file("book", "text");
  for (int i = 0; i < 100'000; ++i) {
    const std::int32_t file = this->open("book", fs::Open::kRead);
    ASSERT_GE(file, 0);
    this->close(file);
  }
  EXPECT_EQ(open_descriptors(), before);
}

TYPED_TEST(FileBackend, StopsWithOperationsUnderWay) {
  const std::int32_t file = this->open("book", this->kNew);
  for (std::uint32_t slot = 0; slot < kSlots; ++slot) {
    this->start(OpCode::kTruncate, file, WriteOperand{slot}, nullptr, 0, slot);
  }
  this->platform->stop();
  this->close(file);
}

}  // namespace
}  // namespace tina::internal
