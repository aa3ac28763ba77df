// SPDX-License-Identifier: Apache-2.0
// Parity of files: bytes are where they were written, a read is short only at the end, and what
// the file system refuses is the same errno everywhere.
#include "files.h"

namespace tina::parity {
namespace {

class File : public Files {};
TINA_IN_EVERY_WORLD(File);

TEST_P(File, OpensWhatIsThere) {
  make("book", "text");
  Object file = opened("book", Open::kRead);
  EXPECT_EQ(text(file), "text");
}

TEST_P(File, IsNotFoundWithoutBeingMade) {
  EXPECT_EQ(opens(path("book"), Open::kRead), -ENOENT);
  EXPECT_EQ(opens(path("book"), kBoth), -ENOENT);
  EXPECT_EQ(opens(path("none/book"), kNew), -ENOENT);
  EXPECT_EQ(opens(path("none/"), kBoth), -ENOENT);
}

TEST_P(File, IsMadeEmptyOnce) {
  Object file = opened("book");
  EXPECT_EQ(text(file), "");
  EXPECT_EQ(opens(path("book"), kNew | Open::kExclusive), -EEXIST);
  EXPECT_GE(opened("other", kNew | Open::kExclusive).descriptor, 0);
}

TEST_P(File, IsNoDirectory) {
  make("book");
  EXPECT_EQ(opens(path("book/page"), kNew), -ENOTDIR);
  EXPECT_EQ(opens(path("book/"), Open::kRead), -ENOTDIR);
  EXPECT_EQ(opens(path("new/"), kNew), -EISDIR);
}

TEST_P(File, ADirectoryIsNoFileToWrite) {
  Object here = directory();
  EXPECT_EQ(makes(here, "sub"), 0);
  EXPECT_EQ(opens(path("sub"), Open::kWrite), -EISDIR);
  EXPECT_EQ(opens(path("sub"), kNew), -EISDIR);
  EXPECT_EQ(opens(path("sub"), kNew | Open::kExclusive), -EEXIST);
  Object read_only = opened("sub", Open::kRead);
  EXPECT_EQ(reads(read_only, 0, 10), -EISDIR);
}

TEST_P(File, IsEmptiedByTruncate) {
  make("book", "text");
  Object file = opened("book", kBoth | Open::kTruncate);
  EXPECT_EQ(text(file), "");
}

TEST_P(File, HasTheModeThatItWasMadeWith) {
  Object file = opened("book", kNew, 0600);
  EXPECT_EQ(describes(file), 0);
  EXPECT_EQ(facts().mode, 0600u);
  EXPECT_EQ(facts().what, fs::What::kFile);
  EXPECT_EQ(facts().size, 0u);
  EXPECT_EQ(facts().links, 1u);
}

TEST_P(File, TellsItsSizeAndThatItWasChanged) {
  Object file = opened("book");
  EXPECT_EQ(describes(file), 0);
  const std::int64_t before = facts().modified_ns;
  EXPECT_EQ(writes(file, 100, "x"), 1);
  EXPECT_EQ(describes(file), 0);
  EXPECT_EQ(facts().size, 101u);
  EXPECT_GE(facts().modified_ns, before);
}

TEST_P(File, ReadsAndWritesWhereItIsTold) {
  Object file = opened("book");
  EXPECT_EQ(writes(file, 0, "one two"), 7);
  EXPECT_EQ(writes(file, 4, "TWO and more"), 12);
  EXPECT_EQ(reads(file, 4, 3), 3);
  EXPECT_EQ(last(), "TWO");
  EXPECT_EQ(text(file), "one TWO and more");
}

TEST_P(File, ReadsNoMoreThanItIsAskedFor) {
  make("book", "0123456789");
  Object file = opened("book", Open::kRead);
  EXPECT_EQ(reads(file, 2, 64, 5), 5);
  EXPECT_EQ(last(), "23456");
  EXPECT_EQ(reads(file, 2, 4, 100), 4) << "what fits is less";
}

TEST_P(File, ReadsShortAtItsEndAndNothingBehindIt) {
  make("book", "0123456789");
  Object file = opened("book", Open::kRead);
  EXPECT_EQ(reads(file, 7, 64), 3);
  EXPECT_EQ(last(), "789");
  EXPECT_EQ(reads(file, 10, 64), 0);
  EXPECT_EQ(reads(file, 1'000'000, 64), 0);
}

TEST_P(File, ReadsIntoPartsOneBehindTheOther) {
  make("book", "0123456789");
  Object file = opened("book", Open::kRead);
  EXPECT_EQ(scatters(file, 1, {2, 4, 1}), 7);
  EXPECT_EQ(last(), "1234567");
  EXPECT_EQ(scatters(file, 4, {4, 4}), 6) << "the file ends in the second one";
  EXPECT_EQ(last(), "456789");
  EXPECT_EQ(scatters(file, 7, {64, 64}), 3);
  EXPECT_EQ(scatters(file, 10, {4, 4}), 0);
}

TEST_P(File, ReadsIntoPartsOnlyWhatItMay) {
  make("book", "0123456789");
  Object writer = opened("book", Open::kWrite);
  EXPECT_EQ(scatters(writer, 0, {4, 4}), -EBADF);
  Object here = opened(".", Open::kRead);
  EXPECT_EQ(scatters(here, 0, {4, 4}), -EISDIR);
  Object file = opened("book", Open::kRead);
  EXPECT_EQ(scatters(file, std::uint64_t{1} << 63, {4, 4}), -EINVAL);
}

TEST_P(File, ReadsManyParts) {
  const std::string much = pattern(100'000);
  make("book", much);
  Object file = opened("book", Open::kRead);
  EXPECT_EQ(scatters(file, 0, std::vector<std::size_t>(1000, 100)), 100'000);
  EXPECT_TRUE(last() == much);
}

TEST_P(File, AHoleIsZeros) {
  Object file = opened("book");
  EXPECT_EQ(writes(file, 10'000, "end"), 3);
  EXPECT_EQ(text(file), std::string(10'000, '\0') + "end");
}

TEST_P(File, KeepsMuch) {
  const std::string much = pattern(300'000);
  Object file = opened("book");
  EXPECT_EQ(writes(file, 0, much), 300'000);
  EXPECT_TRUE(text(file) == much);
}

TEST_P(File, WritesNothingIfThereIsNothing) {
  Object file = opened("book");
  EXPECT_EQ(writes(file, 5, ""), 0);
  EXPECT_EQ(describes(file), 0);
  EXPECT_EQ(facts().size, 0u);
}

TEST_P(File, OffsetsThatNoFileHasAreErrors) {
  Object file = opened("book");
  EXPECT_EQ(reads(file, std::uint64_t{1} << 63, 10), -EINVAL);
  EXPECT_EQ(writes(file, std::uint64_t{1} << 63, "x"), -EINVAL);
  EXPECT_EQ(reads(file, (std::uint64_t{1} << 63) - 1, 10), -EINVAL);
  EXPECT_EQ(writes(file, (std::uint64_t{1} << 63) - 1, "x"), -EINVAL);
  EXPECT_EQ(reads(file, std::uint64_t{1} << 62, 10), 0) << "no file is so long";
  EXPECT_EQ(does(file, OpCode::kTruncate, ~std::uint64_t{0}), -EFBIG);
}

TEST_P(File, OpenedForReadingIsNotWritten) {
  make("book", "text");
  Object file = opened("book", Open::kRead);
  EXPECT_EQ(writes(file, 0, "x"), -EBADF);
  EXPECT_EQ(does(file, OpCode::kCommit, 0, {"x"}), -EBADF);
  EXPECT_EQ(does(file, OpCode::kTruncate, 0), -EINVAL);
  EXPECT_EQ(does(file, OpCode::kSync), 0);
  EXPECT_EQ(text(file), "text");
}

TEST_P(File, OpenedForWritingIsNotRead) {
  Object file = opened("book", Open::kWrite | Open::kCreate);
  EXPECT_EQ(reads(file, 0, 10), -EBADF);
  EXPECT_EQ(describes(file), 0);
}

TEST_P(File, WritesPartsOneBehindTheOther) {
  Object file = opened("book");
  EXPECT_EQ(does(file, OpCode::kWriteGathered, 2, {"a", "", "bcd", "ef"}), 6);
  EXPECT_EQ(text(file), std::string(2, '\0') + "abcdef");
}

TEST_P(File, WritesManyParts) {
  const std::vector<std::string> parts(1000, "0123456789");
  Object file = opened("book");
  EXPECT_EQ(does(file, OpCode::kWriteGathered, 0, parts), 10'000);
  EXPECT_EQ(text(file).size(), 10'000u);
}

TEST_P(File, CommitsParts) {
  Object file = opened("book");
  EXPECT_EQ(does(file, OpCode::kCommit, 0, {"one ", "two"}), kAllMoved);
  EXPECT_EQ(text(file), "one two");
}

TEST_P(File, SyncsWhetherOrNotThereIsAnything) {
  Object file = opened("book");
  EXPECT_EQ(does(file, OpCode::kSync), 0);
  EXPECT_EQ(writes(file, 0, "x"), 1);
  EXPECT_EQ(does(file, OpCode::kSyncData), 0);
  EXPECT_EQ(does(file, OpCode::kSync), 0);
}

TEST_P(File, DurableWritesAreWrites) {
  Object file = opened("book", kNew | Open::kDurable);
  EXPECT_EQ(writes(file, 0, "text"), 4);
  EXPECT_EQ(text(file), "text");
}

TEST_P(File, TruncatesBothWays) {
  make("book", "long text");
  Object file = opened("book", kBoth);
  EXPECT_EQ(does(file, OpCode::kTruncate, 4), 0);
  EXPECT_EQ(text(file), "long");
  EXPECT_EQ(does(file, OpCode::kTruncate, 6), 0);
  EXPECT_EQ(text(file), std::string("long\0\0", 6));
}

TEST_P(File, AFullDiskIsAnError) {
  const std::int32_t descriptor = opens(fs::Path(world().full_file()), Open::kWrite);
  ASSERT_GE(descriptor, 0);
  Object file = adopt(descriptor);
  EXPECT_EQ(writes(file, 0, "x"), -ENOSPC);
  EXPECT_EQ(does(file, OpCode::kWriteGathered, 0, {"x", "y"}), -ENOSPC);
  EXPECT_EQ(does(file, OpCode::kCommit, 0, {"x", "y"}), -ENOSPC);
}

TEST_P(File, ALimitOfSizeCutsAndThenRefuses) {
  Object file = opened("book");
  world().limit_files(8);
  EXPECT_EQ(writes(file, 0, "0123456789"), 8) << "as far as it goes";
  EXPECT_EQ(writes(file, 8, "89"), -EFBIG);
  EXPECT_EQ(does(file, OpCode::kTruncate, 9), -EFBIG);
  EXPECT_EQ(writes(file, 0, "abc"), 3) << "what is there is written over";
  world().limit_files(~std::uint64_t{0});
  EXPECT_EQ(writes(file, 8, "89"), 2);
  EXPECT_EQ(text(file), "abc3456789");
}

TEST_P(File, NoDescriptorLeftIsAnError) {
  make("book");
  world().exhaust_descriptors(true);
  EXPECT_EQ(opens(path("book"), Open::kRead), -EMFILE);
  EXPECT_EQ(opens(path("other"), kNew), -EMFILE);
  world().exhaust_descriptors(false);
  EXPECT_GE(adopt(opens(path("book"), Open::kRead)).descriptor, 0);
  EXPECT_EQ(opens(path("other"), Open::kRead), -ENOENT) << "and it was not made";
}

TEST_P(File, BothLanesAreUsedAtOnce) {
  make("book", "0123456789");
  Object file = opened("book", kBoth);
  write(file, 100, "far");
  read(file, 0, 10);
  EXPECT_EQ(end(file, kRead), 10);
  EXPECT_EQ(last(), "0123456789");
  EXPECT_EQ(end(file, kWrite), 3);
}

TEST_P(File, ManyFilesAtOnce) {
  std::vector<Object> files;
  for (int i = 0; i < 40; ++i) files.push_back(opened("book" + std::to_string(i)));
  for (std::size_t i = 0; i < files.size(); ++i) write(files[i], 0, pattern(1000, unsigned(i)));
  for (const Object& file : files) EXPECT_EQ(end(file, kWrite), 1000);
  for (std::size_t i = 0; i < files.size(); ++i) {
    EXPECT_TRUE(text(files[i]) == pattern(1000, unsigned(i))) << i;
  }
}

TEST_P(File, SeveralDescriptorsSeeOneFile) {
  Object one = opened("book");
  Object two = opened("book", kBoth);
  EXPECT_EQ(writes(one, 0, "from one"), 8);
  EXPECT_EQ(text(two), "from one");
}

TEST_P(File, WhatIsCancelledEndsOnceAndHasHappenedOrNot) {
  for (int round = 0; round < 20; ++round) {
    Object file = opened("book", kNew | Open::kTruncate);
    write(file, 0, "text");
    cancel(file, kWrite);
    const std::int32_t value = end(file, kWrite);
    EXPECT_TRUE(value == 4 || value == -ECANCELED) << value;
    EXPECT_EQ(text(file), value == 4 ? "text" : "");
    close(file);
  }
}

TEST_P(File, AnOpenThatIsCancelledEndsOnce) {
  make("book");
  for (int round = 0; round < 20; ++round) {
    const Object nobody{-1, 200, 0};
    open(nobody, path("book"), Open::kRead);
    cancel(nobody, kAll);
    const std::int32_t value = end(nobody, kAll);
    EXPECT_TRUE(value >= 0 || value == -ECANCELED) << value;
    if (value >= 0) {
      Object file = adopt(value);
      close(file);
    }
  }
}

}  // namespace
}  // namespace tina::parity
