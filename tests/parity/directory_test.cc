// SPDX-License-Identifier: Apache-2.0
// Parity of directories: names are made, changed and taken away with the same errors everywhere,
// and a list has each of them once however small its pieces are.
#include "files.h"

namespace tina::parity {
namespace {

class Directory : public Files {};
TINA_IN_EVERY_WORLD(Directory);

TEST_P(Directory, OpensOnlyWhatIsOne) {
  make("book");
  EXPECT_EQ(opens_directory(path("none")), -ENOENT);
  EXPECT_EQ(opens_directory(path("book")), -ENOTDIR);
  EXPECT_EQ(opens_directory(path("book/sub")), -ENOTDIR);
  Object here = directory();
  EXPECT_EQ(makes(here, "sub"), 0);
  EXPECT_GE(adopt(opens_directory(path("sub/"))).descriptor, 0);
}

TEST_P(Directory, NoDescriptorLeftIsAnError) {
  world().folder();
  world().exhaust_descriptors(true);
  EXPECT_EQ(opens_directory(path(".")), -EMFILE);
}

TEST_P(Directory, IsMadeOnce) {
  Object here = directory();
  EXPECT_EQ(makes(here, "sub", 0700), 0);
  EXPECT_EQ(makes(here, "sub"), -EEXIST);
  EXPECT_EQ(makes(here, "sub/"), -EEXIST);
  EXPECT_EQ(makes(here, "."), -EEXIST);
  EXPECT_EQ(describes(here, "sub"), 0);
  EXPECT_EQ(facts().what, fs::What::kDirectory);
  EXPECT_EQ(facts().mode, 0700u);
}

TEST_P(Directory, IsNotMadeWithoutAPlaceForIt) {
  make("book");
  Object here = directory();
  EXPECT_EQ(makes(here, "none/sub"), -ENOENT);
  EXPECT_EQ(makes(here, "book/sub"), -ENOTDIR);
  EXPECT_EQ(makes(here, "book"), -EEXIST);
}

TEST_P(Directory, IsRemovedWhenItIsEmpty) {
  Object here = directory();
  EXPECT_EQ(makes(here, "sub"), 0);
  make("sub/book");
  EXPECT_EQ(removes(here, "sub"), -ENOTEMPTY);
  EXPECT_EQ(unlinks(here, "sub/book"), 0);
  EXPECT_EQ(removes(here, "sub"), 0);
  EXPECT_EQ(removes(here, "sub"), -ENOENT);
  EXPECT_EQ(opens(path("sub/book"), kNew), -ENOENT) << "it is gone";
}

TEST_P(Directory, RemovesNoFileAndNotItself) {
  make("book");
  Object here = directory();
  EXPECT_EQ(removes(here, "book"), -ENOTDIR);
  EXPECT_EQ(removes(here, "."), -EINVAL);
  EXPECT_EQ(removes(here, ".."), -ENOTEMPTY);
}

TEST_P(Directory, UnlinksFiles) {
  make("book", "text");
  Object here = directory();
  EXPECT_EQ(unlinks(here, "book"), 0);
  EXPECT_EQ(unlinks(here, "book"), -ENOENT);
  EXPECT_EQ(opens(path("book"), Open::kRead), -ENOENT);
}

TEST_P(Directory, UnlinksNoDirectory) {
  make("book");
  Object here = directory();
  EXPECT_EQ(makes(here, "sub"), 0);
  EXPECT_EQ(unlinks(here, "sub"), -EISDIR);
  EXPECT_EQ(unlinks(here, "."), -EISDIR);
  EXPECT_EQ(unlinks(here, "book/"), -ENOTDIR);
  EXPECT_EQ(unlinks(here, "book/page"), -ENOTDIR);
}

TEST_P(Directory, AnOpenFileOutlivesItsName) {
  make("book", "text");
  Object here = directory();
  Object file = opened("book", kBoth);
  EXPECT_EQ(unlinks(here, "book"), 0);
  EXPECT_EQ(writes(file, 4, " and more"), 9);
  EXPECT_EQ(text(file), "text and more");
  EXPECT_EQ(describes(file), 0);
  EXPECT_EQ(facts().links, 0u);
  make("book", "another");
  EXPECT_EQ(text(file), "text and more");
}

TEST_P(Directory, RenamesAFile) {
  make("old", "text");
  Object here = directory();
  EXPECT_EQ(renames(here, "old", "new"), 0);
  EXPECT_EQ(text("new"), "text");
  EXPECT_EQ(opens(path("old"), Open::kRead), -ENOENT);
  EXPECT_EQ(list(here), (Names{"f new"}));
}

TEST_P(Directory, RenamesOverWhatIsThere) {
  make("old", "the old one");
  make("new", "the new one");
  Object here = directory();
  Object file = opened("old", Open::kRead);
  EXPECT_EQ(renames(here, "new", "old"), 0);
  EXPECT_EQ(text("old"), "the new one");
  EXPECT_EQ(text(file), "the old one") << "who had it open keeps it";
  EXPECT_EQ(list(here), (Names{"f old"}));
}

TEST_P(Directory, RenamesToItselfAndNothingHappens) {
  make("book", "text");
  Object here = directory();
  EXPECT_EQ(renames(here, "book", "book"), 0);
  EXPECT_EQ(text("book"), "text");
}

TEST_P(Directory, RenamesIntoAnotherDirectory) {
  make("book", "text");
  Object here = directory();
  EXPECT_EQ(makes(here, "sub"), 0);
  EXPECT_EQ(renames(here, "book", "sub/page"), 0);
  EXPECT_EQ(text("sub/page"), "text");
  EXPECT_EQ(renames(here, "sub/page", path("book")), 0) << "by an absolute path";
  EXPECT_EQ(text("book"), "text");
}

TEST_P(Directory, RenamesADirectoryWithAllThatIsInIt) {
  Object here = directory();
  EXPECT_EQ(makes(here, "old"), 0);
  EXPECT_EQ(makes(here, "old/deep"), 0);
  make("old/deep/book", "text");
  make("old.txt", "beside");
  EXPECT_EQ(renames(here, "old", "new"), 0);
  EXPECT_EQ(text("new/deep/book"), "text");
  EXPECT_EQ(opens(path("old/deep/book"), Open::kRead), -ENOENT);
  EXPECT_EQ(list(here), (Names{"d new", "f old.txt"}));
}

TEST_P(Directory, RenameRefusesWhatDoesNotFit) {
  make("book");
  Object here = directory();
  EXPECT_EQ(makes(here, "sub"), 0);
  EXPECT_EQ(makes(here, "sub/deep"), 0);
  EXPECT_EQ(makes(here, "empty"), 0);
  EXPECT_EQ(renames(here, "none", "other"), -ENOENT);
  EXPECT_EQ(renames(here, "book", "none/book"), -ENOENT);
  EXPECT_EQ(renames(here, "book", "sub"), -EISDIR);
  EXPECT_EQ(renames(here, "sub", "book"), -ENOTDIR);
  EXPECT_EQ(renames(here, "book/", "other"), -ENOTDIR);
  EXPECT_EQ(renames(here, "empty", "sub"), -ENOTEMPTY);
  EXPECT_EQ(renames(here, "sub", "sub/deep/er"), -EINVAL);
  EXPECT_EQ(renames(here, "sub/deep", "sub"), -ENOTEMPTY);
  EXPECT_EQ(renames(here, ".", "other"), -EBUSY);
  EXPECT_EQ(renames(here, "sub", "empty"), 0) << "in the place of an empty one";
  EXPECT_EQ(list(here), (Names{"d empty", "f book"}));
}

TEST_P(Directory, GoesWhereItIsMovedTo) {
  Object here = directory();
  EXPECT_EQ(makes(here, "old"), 0);
  Object sub = directory("old");
  make("old/book", "text");
  EXPECT_EQ(renames(here, "old", "new"), 0);
  EXPECT_EQ(describes(sub, "book"), 0);
  EXPECT_EQ(makes(sub, "deep"), 0);
  EXPECT_EQ(list(sub), (Names{"d deep", "f book"}));
  EXPECT_EQ(describes(here, "new/deep"), 0);
}

TEST_P(Directory, HasNothingInItWhenItIsGone) {
  Object here = directory();
  EXPECT_EQ(makes(here, "sub"), 0);
  Object sub = directory("sub");
  EXPECT_EQ(removes(here, "sub"), 0);
  EXPECT_EQ(makes(sub, "deep"), -ENOENT);
  EXPECT_EQ(describes(sub, "book"), -ENOENT);
  EXPECT_EQ(lists(sub, OpCode::kList, 4096), -ENOENT);
  EXPECT_EQ(does(sub, OpCode::kSync), 0);
}

TEST_P(Directory, DescribesByName) {
  make("book", "text");
  Object here = directory();
  EXPECT_EQ(describes(here, "book"), 0);
  EXPECT_EQ(facts().size, 4u);
  EXPECT_EQ(facts().mode, 0600u);
  EXPECT_EQ(facts().what, fs::What::kFile);
  EXPECT_EQ(describes(here, "."), 0);
  EXPECT_EQ(facts().what, fs::What::kDirectory);
  EXPECT_EQ(describes(here, "none"), -ENOENT);
  EXPECT_EQ(describes(here, "none/book"), -ENOENT);
  EXPECT_EQ(describes(here, "book/"), -ENOTDIR);
}

TEST_P(Directory, WhatIsNoPathIsAnErrorOfEach) {
  Object here = directory();
  const fs::Path bad[] = {"", fs::Path(std::string(256, 'x')),
                          fs::Path(std::string_view("a\0b", 3))};
  const std::int32_t why[] = {-ENOENT, -ENAMETOOLONG, -EINVAL};
  for (std::size_t i = 0; i < std::size(bad); ++i) {
    EXPECT_EQ(makes(here, bad[i]), why[i]);
    EXPECT_EQ(unlinks(here, bad[i]), why[i]);
    EXPECT_EQ(removes(here, bad[i]), why[i]);
    EXPECT_EQ(describes(here, bad[i]), why[i]);
    EXPECT_EQ(renames(here, bad[i], "x"), why[i]);
    EXPECT_EQ(renames(here, "x", bad[i]), why[i]);
  }
  fs::Path lying("abc");
  lying.size = 300;
  EXPECT_EQ(unlinks(here, lying), -EINVAL) << "a message may hold anything";
}

TEST_P(Directory, ListsNothingWhereNothingIs) {
  Object here = directory();
  EXPECT_EQ(lists(here, OpCode::kList, 4096), 0);
  EXPECT_EQ(lists(here, OpCode::kListMore, 4096), 0);
}

TEST_P(Directory, ListsEachNameOnceInPiecesOfAnySize) {
  Object here = directory();
  Names expected;
  for (int i = 0; i < 50; ++i) {
    const std::string name =
        std::string(1 + static_cast<std::size_t>(i) % 20, 'n') + std::to_string(i);
    make(name);
    expected.push_back("f " + name);
  }
  EXPECT_EQ(makes(here, "sub"), 0);
  expected.push_back("d sub");
  std::sort(expected.begin(), expected.end());
  for (const std::size_t size : {48u, 64u, 300u, 4096u}) EXPECT_EQ(list(here, size), expected);
}

TEST_P(Directory, ListsFromTheBeginningAgain) {
  for (const char* name : {"a", "b", "c", "d", "e", "f"}) make(name);
  Object here = directory();
  EXPECT_GT(lists(here, OpCode::kList, 64), 0);
  EXPECT_EQ(list(here).size(), 6u);
  EXPECT_EQ(lists(here, OpCode::kListMore, 4096), 0) << "there are no more";
  make("g");
  EXPECT_EQ(list(here).size(), 7u);
}

TEST_P(Directory, ANameThatFitsNowhereIsAnError) {
  const std::string name(255, 'n');
  Object here = directory();
  EXPECT_EQ(makes(here, fs::Path(name)), 0);
  EXPECT_EQ(list(here, 280), Names{"d " + name}) << "so much is always enough";
  std::int32_t value = lists(here, OpCode::kList, 100);
  for (; value > 0;) value = lists(here, OpCode::kListMore, 100);
  EXPECT_EQ(value, -EINVAL);
}

TEST_P(Directory, RemovesAllThatAListHasToldWithoutMissingAny) {
  Object here = directory();
  for (int i = 0; i < 60; ++i) make("book" + std::to_string(i));
  int removed = 0;
  for (OpCode op = OpCode::kList; lists(here, op, 200) > 0; op = OpCode::kListMore) {
    const std::string piece = last();
    for (const fs::Entry& entry : fs::Entries(std::as_bytes(std::span(piece)))) {
      EXPECT_EQ(unlinks(here, entry.name), 0);
      ++removed;
    }
  }
  EXPECT_EQ(removed, 60);
  EXPECT_EQ(list(here), Names{});
}

TEST_P(Directory, SyncsItsNames) {
  make("book");
  Object here = directory();
  EXPECT_EQ(does(here, OpCode::kSync), 0);
  EXPECT_EQ(renames(here, "book", "page"), 0);
  EXPECT_EQ(does(here, OpCode::kSync), 0);
}

TEST_P(Directory, OperationsOnAFileAreNone) {
  make("book");
  Object file = opened("book", Open::kRead);
  EXPECT_EQ(makes(file, "sub"), -ENOTDIR);
  EXPECT_EQ(lists(file, OpCode::kList, 4096), -ENOTDIR);
}

TEST_P(Directory, WhatIsCancelledEndsOnceAndHasHappenedOrNot) {
  Object here = directory();
  for (int round = 0; round < 20; ++round) {
    make("old");
    start_with(here, kWrite, OpCode::kRename, internal::RenameExtra{"old", "new"});
    cancel(here, kWrite);
    const std::int32_t value = end(here, kWrite);
    EXPECT_TRUE(value == 0 || value == -ECANCELED) << value;
    EXPECT_EQ(list(here), (value == 0 ? Names{"f new"} : Names{"f old"}));
    if (value == 0) {
      EXPECT_EQ(unlinks(here, "new"), 0);
    }
  }
}

TEST_P(Directory, BothLanesAreUsedAtOnce) {
  Object here = directory();
  start_with(here, kWrite, OpCode::kMakeDirectory, internal::NameExtra{"sub", 0700});
  EXPECT_GE(lists(here, OpCode::kList, 4096), 0);
  EXPECT_EQ(end(here, kWrite), 0);
  EXPECT_EQ(list(here), (Names{"d sub"}));
}

}  // namespace
}  // namespace tina::parity
