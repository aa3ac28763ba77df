// SPDX-License-Identifier: Apache-2.0
// The simulated disk as a backend: bytes are what was written however the writes were cut, every
// operation completes once, the errors are Linux's, and what no sync has confirmed may be lost.
#include "sim/disk.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <map>
#include <optional>

#include "network_fixture.h"
#include "src/os_file.h"
#include "tina/contract_file.h"
#include "tina/fs.h"

namespace tina::sim {
namespace {

using fs::Open;
using internal::GatherPart;

constexpr Open kFresh = Open::kRead | Open::kWrite | Open::kCreate;

struct Operands {
  internal::ReadOperand read;
  internal::WriteOperand write;
  internal::OpenOperand open;
};

/// A disk with nobody before it but the test.
class DiskTest : public NetworkTest {
 protected:
  static DiskFaults quiet() { return {.short_read = 0, .short_write = 0}; }
  void make_disk(const DiskFaults& faults, std::uint64_t seed = 1) {
    chooser.emplace(seed);
    disk.emplace(clock, *chooser, trace, *this, faults);
    results.clear();
  }
  void run_disk() {
    while (!clock.idle()) disk->happen(clock.next());
  }
  Operands& operands_of(std::uint32_t slot) { return disk_operands[slot]; }

  void begin_open(std::uint32_t slot, const char* path, Open flags) {
    internal::OpenOperand& operand = operands_of(slot).open;
    operand = {fs::Path(path), static_cast<std::uint32_t>(flags), 0640, 0};
    disk->start(0, {Token::make(0, slot, 0), OpCode::kOpen, -1, nullptr, 0, 0,
                    reinterpret_cast<std::byte*>(&operand)});
  }
  void begin_write(std::uint32_t slot, std::int32_t on, std::uint64_t offset,
                   std::span<const std::byte> bytes) {
    begin(slot, OpCode::kWrite, on, offset, bytes.data(), bytes.size());
  }
  void begin(std::uint32_t slot, OpCode op, std::int32_t on, std::uint64_t offset = 0,
             const void* data = nullptr, std::size_t size = 0) {
    internal::WriteOperand& operand = operands_of(slot).write;
    operand.offset = offset;
    disk->start(0, {Token::make(0, slot, 0), op, on, static_cast<const std::byte*>(data),
                    static_cast<std::uint32_t>(size), 0, reinterpret_cast<std::byte*>(&operand)});
  }
  void begin_read(std::uint32_t slot, std::int32_t on, std::uint64_t offset,
                  std::span<std::byte> to) {
    internal::ReadOperand& operand = operands_of(slot).read;
    operand.read = {offset, 0, 0};
    disk->start(0,
                {Token::make(0, slot, 0), OpCode::kRead, on, to.data(),
                 static_cast<std::uint32_t>(to.size()), 0, reinterpret_cast<std::byte*>(&operand)});
  }
  std::int32_t open_now(const char* path, Open flags) {
    begin_open(1, path, flags);
    run_disk();
    return take(1);
  }
  std::int32_t write_now(std::int32_t on, std::uint64_t offset, std::span<const std::byte> bytes) {
    begin_write(1, on, offset, bytes);
    run_disk();
    return take(1);
  }
  std::int32_t do_now(OpCode op, std::int32_t on, std::uint64_t offset = 0) {
    begin(1, op, on, offset);
    run_disk();
    return take(1);
  }
  void write_all(std::int32_t on, std::uint64_t offset, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const std::int32_t size = write_now(on, offset, bytes);
      ASSERT_GT(size, 0);
      offset += static_cast<std::uint64_t>(size);
      bytes = bytes.subspan(static_cast<std::size_t>(size));
    }
  }
  std::vector<std::byte> content_of(std::int32_t on) {
    std::vector<std::byte> all;
    std::vector<std::byte> buffer(700);
    for (;;) {
      begin_read(1, on, all.size(), buffer);
      run_disk();
      const std::int32_t size = take(1);
      EXPECT_GE(size, 0);
      if (size <= 0) return all;
      all.insert(all.end(), buffer.begin(), buffer.begin() + size);
    }
  }
  fs::Facts describe(std::int32_t on) {
    internal::ReadOperand& operand = operands_of(1).read;
    disk->start(0, {Token::make(0, 1, 0), OpCode::kDescribe, on, nullptr, 0, 0,
                    reinterpret_cast<std::byte*>(&operand)});
    run_disk();
    EXPECT_EQ(take(1), 0);
    return internal::facts_of(operand.status);
  }

  std::int32_t open_directory_now(const char* path) {
    internal::OpenOperand& operand = operands_of(1).open;
    operand = {fs::Path(path), 0, 0, 0};
    disk->start(0, {Token::make(0, 1, 0), OpCode::kOpenDirectory, -1, nullptr, 0, 0,
                    reinterpret_cast<std::byte*>(&operand)});
    run_disk();
    return take(1);
  }
  std::int32_t rename_now(const char* from, const char* to) {
    const std::int32_t root = open_directory_now("/");
    internal::RenameExtra names{fs::Path(from), fs::Path(to)};
    disk->start(0, {Token::make(0, 1, 0), OpCode::kRename, root, nullptr, 0, 0,
                    reinterpret_cast<std::byte*>(&names)});
    run_disk();
    disk->close(0, root);
    return take(1);
  }
  bool has_file(const char* path) {
    const std::int32_t on = open_now(path, Open::kRead);
    if (on > 0) disk->close(0, on);
    return on > 0;
  }

  std::optional<Disk> disk;
  std::map<std::uint32_t, Operands> disk_operands;
};

TEST_F(DiskTest, KeepsEveryByteThroughShortReadsAndWrites) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    make_disk({.short_read = 1, .short_write = 1}, seed);
    const std::int32_t on = open_now("log/book", kFresh);
    const auto bytes = pattern(5000, 1);
    write_all(on, 0, bytes);
    EXPECT_EQ(content_of(on), bytes) << "seed " << seed;
    EXPECT_GT(disk->counts().short_reads, 0U);
    EXPECT_GT(disk->counts().short_writes, 0U);
    disk->close(0, on);
    EXPECT_EQ(disk->open_descriptors(), 0U);
  }
  EXPECT_TRUE(failures.empty());
}

TEST_F(DiskTest, AFileOutlivesItsDescriptorAndHasOneNameWhicheverWayItIsWritten) {
  make_disk(quiet());
  std::int32_t on = open_now("a/./b/../book", kFresh);
  write_all(on, 0, pattern(10, 1));
  disk->close(0, on);
  const std::int32_t again = open_now("/a//book", Open::kRead);
  EXPECT_NE(again, on) << "a stale descriptor would not be noticed";
  EXPECT_EQ(content_of(again), pattern(10, 1));
  on = open_now("a/book", kFresh | Open::kTruncate);
  EXPECT_TRUE(content_of(on).empty());
}

TEST_F(DiskTest, OpensWithTheErrorsOfLinux) {
  make_disk(quiet());
  EXPECT_EQ(open_now("book", Open::kRead), -ENOENT);
  EXPECT_EQ(open_now("", Open::kRead), -ENOENT);
  EXPECT_EQ(open_now("new/", kFresh), -EISDIR);
  EXPECT_GT(open_now("dir/book", kFresh), 0);
  EXPECT_EQ(open_now("dir/book", kFresh | Open::kExclusive), -EEXIST);
  EXPECT_EQ(open_now("dir", Open::kWrite), -EISDIR);
  EXPECT_EQ(open_now("dir/book/", Open::kRead), -ENOTDIR);
  EXPECT_EQ(open_now("dir/book/page", kFresh), -ENOTDIR);
  const std::int32_t directory = open_now("dir", Open::kRead);
  ASSERT_GT(directory, 0);
  std::vector<std::byte> buffer(10);
  begin_read(2, directory, 0, buffer);
  run_disk();
  EXPECT_EQ(take(2), -EISDIR);
  EXPECT_EQ(describe(directory).what, fs::What::kDirectory);
}

TEST_F(DiskTest, RefusesWhatTheFlagsAndThePlacesDoNotAllow) {
  make_disk(quiet());
  const std::int32_t out = open_now("book", Open::kWrite | Open::kCreate);
  const std::int32_t in = open_now("book", Open::kRead);
  std::vector<std::byte> buffer(10);
  begin_read(2, out, 0, buffer);
  begin_read(3, in, std::uint64_t{1} << 63, buffer);
  run_disk();
  EXPECT_EQ(take(2), -EBADF);
  EXPECT_EQ(take(3), -EINVAL);
  EXPECT_EQ(write_now(in, 0, buffer), -EBADF);
  EXPECT_EQ(do_now(OpCode::kTruncate, in, 5), -EINVAL);
  EXPECT_EQ(write_now(out, std::uint64_t{1} << 63, buffer), -EINVAL);
  EXPECT_EQ(write_now(out, std::uint64_t{1} << 62, buffer), -EFBIG);
  EXPECT_EQ(do_now(OpCode::kTruncate, out, std::uint64_t{1} << 62), -EFBIG);
  EXPECT_TRUE(failures.empty());
}

TEST_F(DiskTest, TruncatesContinuesWithZerosAndDescribes) {
  make_disk(quiet());
  const std::int32_t on = open_now("book", kFresh);
  write_all(on, 0, pattern(1000, 1));
  EXPECT_EQ(do_now(OpCode::kTruncate, on, 600), 0);
  EXPECT_EQ(do_now(OpCode::kTruncate, on, 2000), 0);
  auto expected = pattern(1000, 1);
  expected.resize(600);
  expected.resize(2000);
  EXPECT_EQ(content_of(on), expected);
  const fs::Facts facts = describe(on);
  EXPECT_EQ(facts.size, 2000U);
  EXPECT_EQ(facts.mode, 0640U);
  EXPECT_EQ(facts.what, fs::What::kFile);
  EXPECT_GE(facts.modified_ns, 1'000'000'000);
}

TEST_F(DiskTest, WritesTheBlocksOfAListOneBehindTheOther) {
  make_disk(quiet());
  const std::int32_t on = open_now("book", kFresh);
  const auto bytes = pattern(900, 1);
  const GatherPart parts[] = {
      {bytes.data(), 100}, {bytes.data() + 100, 0}, {bytes.data() + 100, 800}};
  begin(1, OpCode::kWriteGathered, on, 0, parts, 3);
  run_disk();
  EXPECT_EQ(take(1), 900);
  begin(1, OpCode::kCommit, on, 900, parts, 3);
  run_disk();
  EXPECT_EQ(take(1), internal::kAllMoved);
  auto twice = bytes;
  twice.insert(twice.end(), bytes.begin(), bytes.end());
  EXPECT_EQ(content_of(on), twice);
  EXPECT_EQ(disk->counts().syncs, 1U);
}

TEST_F(DiskTest, HasNoRoomBeyondItsSizeAndGivesItBack) {
  DiskFaults faults = quiet();
  faults.size = 4 * StoredFile::kSector;
  make_disk(faults);
  const std::int32_t on = open_now("book", kFresh);
  EXPECT_EQ(write_now(on, 0, pattern(3000, 1)), 2048) << "as much as there is room for";
  EXPECT_EQ(write_now(on, 2048, pattern(1, 1)), -ENOSPC);
  EXPECT_EQ(write_now(on, 0, pattern(2048, 2)), 2048) << "what is there is written over";
  EXPECT_EQ(do_now(OpCode::kTruncate, on, 0), 0);
  EXPECT_EQ(write_now(on, std::uint64_t{1} << 40, pattern(512, 1)), 512) << "a hole takes no room";
  EXPECT_EQ(disk->counts().no_room, 1U);
}

TEST_F(DiskTest, InjectsErrorsAndAFullDisk) {
  DiskFaults faults = quiet();
  faults.io_error = 1;
  make_disk(faults);
  EXPECT_EQ(open_now("book", kFresh), -EIO);
  int full = 0, partly = 0, nameless = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    faults = quiet();
    faults.disk_full = Ratio(1, 2);
    make_disk(faults, seed);
    const std::int32_t on = open_now("book", kFresh);
    nameless += on == -ENOSPC ? 1 : 0;
    if (on < 0) continue;
    const std::int32_t size = write_now(on, 0, pattern(3, 1));
    ASSERT_TRUE(size == -ENOSPC || (size > 0 && size <= 3)) << size;
    full += size < 0 ? 1 : 0;
    partly += size > 0 && size < 3 ? 1 : 0;
  }
  EXPECT_GT(nameless, 0);
  EXPECT_GT(full, 0);
  EXPECT_GT(partly, 0);
}

TEST_F(DiskTest, CompletesACancelledOperationOnce) {
  std::map<std::int32_t, int> ends;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    make_disk(quiet(), seed);
    const std::int32_t on = open_now("book", kFresh);
    const auto bytes = pattern(600, 1);
    const GatherPart part{bytes.data(), bytes.size()};
    begin(1, OpCode::kCommit, on, 0, &part, 1);
    for (std::uint64_t events = seed % 3; events > 0; --events) disk->happen(clock.next());
    EXPECT_TRUE(disk->cancel(0, Token::make(0, 1, 0)));
    run_disk();
    ++ends[take(1)];
    EXPECT_EQ(disk->operations_in_flight(), 0U);
    EXPECT_FALSE(disk->cancel(0, Token::make(0, 1, 0)));
    const std::size_t size = content_of(on).size();
    EXPECT_TRUE(size == 0 || size == 600) << size;
  }
  EXPECT_GT(ends[-ECANCELED], 0);
  EXPECT_GT(ends[internal::kAllMoved], 0);
  EXPECT_EQ(ends.size(), 2U);
}

TEST_F(DiskTest, OperationsOfDifferentFilesOvertakeEachOther) {
  int first = 0;
  int second = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    make_disk(quiet(), seed);
    const std::int32_t files[] = {open_now("one", kFresh), open_now("two", kFresh)};
    const auto bytes = pattern(10, 1);
    begin_write(1, files[0], 0, bytes);
    begin_write(2, files[1], 0, bytes);
    while (!has(1) && !has(2)) disk->happen(clock.next());
    ++(has(1) ? first : second);
    run_disk();
  }
  EXPECT_GT(first, 0);
  EXPECT_GT(second, 0);
}

TEST_F(DiskTest, ReportsAClosedDescriptorAndOneThatIsStillInUse) {
  make_disk(quiet());
  const std::int32_t on = open_now("book", kFresh);
  begin(1, OpCode::kSync, on);
  disk->close(0, on);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_NE(failures[0].find("during an operation"), std::string::npos);
  run_disk();
  begin(2, OpCode::kSync, on);
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_NE(failures[1].find("closed"), std::string::npos);
}

TEST_F(DiskTest, LosesWhatNoSyncHasConfirmedBySectorsOnly) {
  int torn = 0;
  int gone = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    make_disk(quiet(), seed);
    std::int32_t on = open_now("book", kFresh);
    write_all(on, 0, pattern(1024, 1));
    EXPECT_EQ(do_now(OpCode::kSyncData, on), 0);
    write_all(on, 0, pattern(1024, 2));
    disk->close(0, on);
    disk->close(0, open_now("never synced", kFresh));
    disk->lose_power();
    on = open_now("book", kFresh);
    const auto found = content_of(on);
    ASSERT_EQ(found.size(), 1024U);
    unsigned newer = 0;
    for (const std::ptrdiff_t from : {0, 512}) {
      const auto in = [&](unsigned salt) {
        const auto whole = pattern(1024, salt);
        return std::equal(whole.begin() + from, whole.begin() + from + 512, found.begin() + from);
      };
      ASSERT_NE(in(1), in(2)) << "a sector is the old one or the new one";
      newer += in(2) ? 1 : 0;
    }
    torn += newer == 1 ? 1 : 0;
    gone += open_now("never synced", Open::kRead) == -ENOENT ? 1 : 0;
  }
  EXPECT_GT(torn, 0);
  EXPECT_GT(gone, 0);
  EXPECT_LT(gone, 40);
}

TEST_F(DiskTest, OfNamesWhatReachesTheMediumReachesItInOrder) {
  int one = 0, two = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    make_disk(quiet(), seed);
    const std::int32_t on = open_now("old", kFresh);
    write_all(on, 0, pattern(100, 1));
    EXPECT_EQ(do_now(OpCode::kSync, on), 0);
    EXPECT_EQ(rename_now("old", "new"), 0);
    disk->close(0, open_now("later", kFresh));
    disk->close(0, on);
    disk->lose_power();
    const bool renamed = has_file("new");
    ASSERT_NE(renamed, has_file("old")) << "neither or both";
    ASSERT_TRUE(renamed || !has_file("later")) << "a later change without this one";
    one += renamed ? 1 : 0;
    two += has_file("later") ? 1 : 0;
  }
  EXPECT_GT(two, 0);
  EXPECT_GT(one, two);
  EXPECT_LT(one, 60);
}

TEST_F(DiskTest, ASyncOfTheDirectoryKeepsItsNames) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    make_disk(quiet(), seed);
    disk->close(0, open_now("sub/old", kFresh));
    EXPECT_EQ(rename_now("sub/old", "sub/new"), 0);
    const std::int32_t sub = open_directory_now("sub");
    EXPECT_EQ(do_now(OpCode::kSync, sub), 0);
    disk->close(0, sub);
    disk->lose_power();
    EXPECT_TRUE(has_file("sub/new"));
    EXPECT_FALSE(has_file("sub/old"));
  }
}

TEST_F(DiskTest, WhatHasNoNameAnyMoreKeepsItsRoomUntilItIsClosed) {
  DiskFaults faults = quiet();
  faults.size = 4 * StoredFile::kSector;
  make_disk(faults);
  const std::int32_t on = open_now("old", kFresh);
  EXPECT_EQ(write_now(on, 0, pattern(1024, 1)), 1024);
  const std::int32_t other = open_now("new", kFresh);
  EXPECT_EQ(rename_now("new", "old"), 0);
  EXPECT_EQ(write_now(other, 0, pattern(2048, 1)), 1024);
  disk->close(0, on);
  EXPECT_EQ(write_now(other, 1024, pattern(1024, 1)), 1024);
}

TEST_F(DiskTest, APowerLossEndsWhatIsUnderWayAndOpensWaitUntilNobodyHoldsAnything) {
  make_disk(quiet());
  const std::int32_t on = open_now("book", kFresh);
  const auto bytes = pattern(600, 1);
  begin_write(1, on, 0, bytes);
  disk->fail_power();
  begin_open(2, "book", kFresh);
  run_disk();
  EXPECT_EQ(take(1), -EIO);
  EXPECT_FALSE(has(2)) << "the power is away";
  disk->close(0, on);
  run_disk();
  const std::int32_t again = take(2);
  ASSERT_GT(again, 0);
  EXPECT_TRUE(content_of(again).empty()) << "nothing was written";
  EXPECT_EQ(disk->counts().power_losses, 1U);
  begin_write(1, again, 0, bytes);
  run_disk();
  EXPECT_EQ(take(1), 600);
}

TEST_F(DiskTest, AnOpenThatWaitsForThePowerCanBeCancelled) {
  make_disk(quiet());
  const std::int32_t on = open_now("book", kFresh);
  disk->fail_power();
  begin_open(2, "book", kFresh);
  EXPECT_TRUE(disk->cancel(0, Token::make(0, 2, 0)));
  run_disk();
  EXPECT_EQ(take(2), -ECANCELED);
  disk->close(0, on);
  EXPECT_GT(open_now("book", kFresh), 0) << "the power is back";
}

TEST_F(DiskTest, ASyncThatFailedIsNotMendedByTheNext) {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    DiskFaults faults = quiet();
    faults.io_error = Ratio(1, 3);
    make_disk(faults, seed);
    const std::int32_t on = open_now("book", kFresh);
    if (on < 0 || write_now(on, 0, pattern(512, 1)) < 0) continue;
    if (do_now(OpCode::kSync, on) != -EIO || do_now(OpCode::kSync, on) != 0) continue;
    disk->close(0, on);
    disk->lose_power();
    const std::int32_t again = open_now("book", Open::kRead);
    if (again < 0) continue;
    std::vector<std::byte> buffer(512);
    begin_read(1, again, 0, buffer);
    run_disk();
    if (take(1) == 512 && buffer != pattern(512, 1)) ++lost;
  }
  EXPECT_GT(lost, 0);
}

TEST_F(DiskTest, IsTheSameForOneSeedAndAnotherForTheNext) {
  const auto story = [this](std::uint64_t seed) {
    Trace own(nullptr);
    Clock time;
    Chooser choices(seed);
    results.clear();
    Disk one(time, choices, own, *this, {.io_error = Ratio(1, 10)});
    internal::OpenOperand operand{fs::Path("book"), static_cast<std::uint32_t>(kFresh), 0640, 0};
    one.start(0, {Token::make(0, 1, 0), OpCode::kOpen, -1, nullptr, 0, 0,
                  reinterpret_cast<std::byte*>(&operand)});
    while (!time.idle()) one.happen(time.next());
    return own.hash();
  };
  EXPECT_EQ(story(7), story(7));
  EXPECT_NE(story(7), story(8));
}

}  // namespace
}  // namespace tina::sim
