// SPDX-License-Identifier: Apache-2.0
// The goal: a file has one descriptor at a time, closed exactly once; every operation ends exactly
// once with what the kernel said; blocks that were added are the operation's until it has ended and
// go back whatever happens, the isolate's crash included.
#include "files.system.h"
#include "object_fixture.h"
#include "scribe.h"

namespace tina::internal {
namespace {

using files::Act;
using files::contract::kScribe;
using Ends = std::vector<std::pair<std::string, std::int64_t>>;
using Descriptors = std::vector<std::int32_t>;

constexpr std::uint32_t kBlobs = 6;

class Files : public ObjectShard {
 protected:
  void SetUp() override {
    ProbeShard::SetUp();
    files::ends.clear();
    boot(files::files::kSystem);
  }
  IoObject& object() { return type(kScribe).object(0, 0); }
  void order(Act act, std::uint64_t value = 0, fs::Path name = "book") {
    tell(kScribe, files::Order{.value = value, .name = name, .act = act});
  }
  Operation open(std::uint64_t flags = 1) {
    order(Act::OPEN, flags);
    return take_started(OpCode::kOpen);
  }
  void opened(std::int32_t descriptor = 50) {
    complete(open(), descriptor);
    ends();
  }
  /// Adds blobs of these sizes.
  void add(std::initializer_list<std::uint64_t> sizes) {
    for (const std::uint64_t size : sizes) order(Act::ADD, size);
    ends();
  }
  static Ends ends() { return std::exchange(files::ends, {}); }
};

using Sizes = std::vector<std::size_t>;

TEST_F(Files, OpensWhatTheHandlerNamesAndHasItsDescriptor) {
  const Operation operation = open(6);
  EXPECT_EQ(operation.as<OpenOperand>().path.text(), "book");
  EXPECT_EQ(operation.as<OpenOperand>().flags, 6u);
  EXPECT_EQ(operation.as<OpenOperand>().mode, 0640u);
  EXPECT_EQ(operation.descriptor, -1);
  complete(operation, 50);
  EXPECT_EQ(ends(), (Ends{{"opened", 0}}));
  EXPECT_EQ(object().descriptor, 50);
  order(Act::OPEN);
  EXPECT_EQ(ends(), (Ends{{"opened", EBUSY}})) << "it is open already, and stays so";
  order(Act::CLOSE);
  EXPECT_EQ(platform.closed, Descriptors{50});
  EXPECT_TRUE(platform.shut.empty()) << "only sockets have directions";
}

TEST_F(Files, WhatIsNoPathEndsInAnErrorAndReachesNobody) {
  order(Act::OPEN, 1, fs::Path(std::string(256, 'x')));
  EXPECT_EQ(ends(), (Ends{{"opened", ENAMETOOLONG}}));
  order(Act::OPEN, 1, fs::Path(std::string_view("a\0b", 3)));
  EXPECT_EQ(ends(), (Ends{{"opened", EINVAL}}));
  order(Act::OPEN, 1, fs::Path(""));
  EXPECT_EQ(ends(), (Ends{{"opened", ENOENT}}));
  fs::Path lying("abc");
  lying.size = 300;
  order(Act::OPEN, 1, lying);
  EXPECT_EQ(ends(), (Ends{{"opened", EINVAL}}));
  lying.size = 255;  // with a NUL inside
  order(Act::OPEN, 1, lying);
  EXPECT_EQ(ends(), (Ends{{"opened", EINVAL}}));
  EXPECT_TRUE(platform.started.empty());
  order(Act::OPEN, 1, fs::Path(std::string(255, 'x')));
  complete(take_started(OpCode::kOpen), -ENOENT);
  EXPECT_EQ(ends(), (Ends{{"opened", ENOENT}}));
  EXPECT_EQ(object().phase, ObjectPhase::kClosed);
  EXPECT_EQ(platform.closed, Descriptors{});
}

TEST_F(Files, AnOperationOfAFileThatIsNotOpenEndsInEbadf) {
  add({3, 4});
  for (const Act act : {Act::READ, Act::DESCRIBE, Act::WRITE, Act::OWN, Act::GATHERED, Act::COMMIT,
                        Act::SYNC, Act::DATA, Act::TRUNCATE}) {
    order(act);
    const Ends heard = ends();
    ASSERT_FALSE(heard.empty());
    EXPECT_EQ(heard.back().second, EBADF) << heard.back().first;
  }
  EXPECT_TRUE(platform.started.empty());
  EXPECT_EQ(free_blobs(), kBlobs) << "what the operation took went back";
  EXPECT_EQ(reactor().free_buffers(), 1u);
}

TEST_F(Files, ReadsIntoABufferOfTheReactor) {
  opened();
  order(Act::READ, 4711);
  const Operation reading = take_started(OpCode::kRead);
  EXPECT_EQ(reading.descriptor, 50);
  EXPECT_EQ(reading.size, 64u);
  EXPECT_EQ(reading.as<ReadExtra>().offset, 4711u);
  EXPECT_EQ(reading.as<ReadExtra>().most, 5u);
  std::copy_n(reinterpret_cast<const std::byte*>("bytes"), 5, const_cast<std::byte*>(reading.data));
  complete(reading, 5);
  EXPECT_EQ(ends(), (Ends{{"read", 0}}));
  EXPECT_EQ(files::read_text, "bytes");
  order(Act::READ);
  complete(take_started(OpCode::kRead), 0);
  EXPECT_EQ(ends(), (Ends{{"end", 0}}));
  order(Act::READ);
  complete(take_started(OpCode::kRead), -EIO);
  EXPECT_EQ(ends(), (Ends{{"read", EIO}}));
  EXPECT_EQ(reactor().free_buffers(), 1u);
}

TEST_F(Files, AShortWriteGoesOnAtTheRightByte) {
  opened();
  order(Act::WRITE, 100);
  const Operation first = take_started(OpCode::kWrite);
  EXPECT_EQ(first.size, 10u);
  EXPECT_EQ(first.as<WriteOperand>().offset + first.done, 100u);
  complete(first, 3);
  const Operation rest = take_started(OpCode::kWrite);
  EXPECT_EQ(rest.size, 7u);
  EXPECT_EQ(rest.data, first.data + 3);
  EXPECT_EQ(rest.as<WriteOperand>().offset + rest.done, 103u);
  complete(rest, -ENOSPC);
  EXPECT_EQ(ends(), (Ends{{"size", 3}, {"written", ENOSPC}}));
  order(Act::OWN, 0);
  complete(take_started(OpCode::kWrite), 0);
  EXPECT_EQ(ends(), (Ends{{"size", 0}, {"written", EIO}})) << "a disk that takes nothing";
  EXPECT_EQ(free_blobs(), kBlobs);
}

TEST_F(Files, AGatheredWriteTakesWhatWaitsAndOthersMayBeAddedMeanwhile) {
  opened();
  add({1, 2, 3});
  EXPECT_EQ(free_blobs(), kBlobs - 3);
  order(Act::GATHERED, 1000);
  const Operation first = take_started(OpCode::kWriteGathered);
  EXPECT_EQ(sizes(first), (Sizes{1, 2, 3}));
  order(Act::ADD, 4);
  EXPECT_EQ(ends(), (Ends{{"added", 1}}));
  order(Act::ADD, 5);
  EXPECT_EQ(ends(), (Ends{{"full", 1}})) << "four is what `gather` says";
  complete(first, 6);
  EXPECT_EQ(ends(), (Ends{{"size", 6}, {"written", 0}}));
  EXPECT_EQ(free_blobs(), kBlobs - 1);
  add({5, 6});
  order(Act::GATHERED, 1006);
  const Operation row = take_started(OpCode::kWriteGathered);
  EXPECT_EQ(sizes(row), (Sizes{4})) << "the list is a ring: here it ends";
  complete(row, 4);
  const Operation rest = take_started(OpCode::kWriteGathered);
  EXPECT_EQ(sizes(rest), (Sizes{5, 6}));
  EXPECT_EQ(rest.done, 4u);
  complete(rest, 11);
  EXPECT_EQ(ends(), (Ends{{"size", 15}, {"written", 0}}));
  EXPECT_EQ(free_blobs(), kBlobs);
}

TEST_F(Files, AShortGatheredWriteGoesOnInTheMiddleOfAPart) {
  opened();
  add({10, 10, 10});
  order(Act::GATHERED);
  const Operation first = take_started(OpCode::kWriteGathered);
  const std::byte* const second_part = first.parts()[1].data;
  complete(first, 13);
  const Operation rest = take_started(OpCode::kWriteGathered);
  EXPECT_EQ(sizes(rest), (Sizes{7, 10}));
  EXPECT_EQ(rest.parts()[0].data, second_part + 3);
  EXPECT_EQ(rest.done, 13u);
  complete(rest, -EIO);
  EXPECT_EQ(ends(), (Ends{{"size", 13}, {"written", EIO}}));
  EXPECT_EQ(free_blobs(), kBlobs);
}

TEST_F(Files, ACommitSyncsWithItsLastBytesOnly) {
  opened();
  add({1, 2, 3});
  order(Act::COMMIT, 7);
  complete(take_started(OpCode::kCommit), kAllMoved);
  EXPECT_EQ(ends(), (Ends{{"size", 6}, {"written", 0}}));
  add({4, 5, 6});  // around the end of the ring
  order(Act::COMMIT, 13);
  complete(take_started(OpCode::kWriteGathered), 4);
  const Operation last = take_started(OpCode::kCommit);
  complete(last, 8);  // short, so nothing is synced
  const Operation again = take_started(OpCode::kCommit);
  EXPECT_EQ(sizes(again), (Sizes{3}));
  complete(again, kAllMoved);
  EXPECT_EQ(ends(), (Ends{{"size", 15}, {"written", 0}}));
  order(Act::COMMIT, 28);
  complete(take_started(OpCode::kSyncData), 0);
  EXPECT_EQ(ends(), (Ends{{"size", 0}, {"written", 0}})) << "nothing to write is a sync";
  add({1});
  order(Act::COMMIT);
  complete(take_started(OpCode::kCommit), -EIO);
  EXPECT_EQ(ends(), (Ends{{"size", 0}, {"written", EIO}}));
  EXPECT_EQ(free_blobs(), kBlobs);
}

TEST_F(Files, SyncsTruncatesAndDescribes) {
  opened();
  order(Act::SYNC);
  complete(take_started(OpCode::kSync), -EIO);
  order(Act::DATA);
  complete(take_started(OpCode::kSyncData), 0);
  order(Act::TRUNCATE, 12);
  const Operation cut = take_started(OpCode::kTruncate);
  EXPECT_EQ(cut.as<WriteOperand>().offset, 12u);
  complete(cut, -EFBIG);
  EXPECT_EQ(ends(), (Ends{{"synced", EIO}, {"synced", 0}, {"truncated", EFBIG}}));
  order(Act::DESCRIBE);
  complete(take_started(OpCode::kDescribe), -EIO);
  EXPECT_EQ(ends(), (Ends{{"described", EIO}}));
}

TEST_F(Files, ReadsAndWritesDoNotWaitForEachOtherAndOpenHasTheFileForItself) {
  opened();
  order(Act::READ);
  order(Act::SYNC);
  order(Act::ASK);
  EXPECT_EQ(ends(), (Ends{{"idle", 0}}));
  complete(take_started(OpCode::kSync), 0);
  order(Act::ASK);
  EXPECT_EQ(ends(), (Ends{{"synced", 0}, {"idle", 2}}));
  order(Act::OPEN);
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{"lane_busy"});
  EXPECT_EQ(platform.closed, Descriptors{}) << "a read is under way";
  complete(take_started(OpCode::kRead), 3);
  EXPECT_EQ(platform.closed, Descriptors{50});
  EXPECT_EQ(reactor().free_buffers(), 1u);
}

TEST_F(Files, LeavingTheStateGivesTheOpenUpAndClosesWhatItHasOpened) {
  const Operation opening = open();
  order(Act::REST);
  EXPECT_EQ(platform.cancelled, std::vector<std::uint64_t>{opening.token.bits});
  complete(opening, 60);
  EXPECT_EQ(platform.closed, Descriptors{60});
  EXPECT_EQ(ends(), Ends{});
  const Operation other = open();
  order(Act::REST);
  complete(other, -ECANCELED);
  EXPECT_EQ(platform.closed, Descriptors{60}) << "there was nothing to close";
}

TEST_F(Files, AnOpenThatHasSucceededUnheardIsClosedOnce) {
  const Operation opening = open();
  reactor().complete(shard->parts, opening.token, 61);
  reactor().give_up_connects(shard->parts, type(kScribe), 0, 0);
  EXPECT_EQ(platform.closed, Descriptors{61});
  order(Act::REST);
  EXPECT_EQ(ends(), Ends{});
}

TEST_F(Files, AnIsolateThatEndsWhileItOpensClosesWhatComes) {
  for (const std::int32_t value : {70, -ECANCELED, -ENOENT}) {
    platform.closed.clear();
    const Operation opening = open();
    order(Act::CRASH);
    complete(opening, value);
    EXPECT_EQ(platform.closed, value >= 0 ? Descriptors{value} : Descriptors{});
    EXPECT_EQ(object().phase, ObjectPhase::kClosed);
  }
}

TEST_F(Files, WhatAnOperationUsesIsLeftAloneUntilItsEndWhenTheIsolateCrashes) {
  opened();
  add({10, 20});
  order(Act::COMMIT);
  const Operation writing = take_started(OpCode::kCommit);
  order(Act::ADD, 5);
  order(Act::READ);
  const Operation reading = take_started(OpCode::kRead);
  order(Act::CRASH);
  EXPECT_EQ(free_blobs(), kBlobs - 2) << "the one that waited went back at once";
  EXPECT_EQ(reactor().free_buffers(), 0u);
  EXPECT_EQ(sizes(writing), (Sizes{10, 20}));
  EXPECT_EQ(platform.closed, Descriptors{});
  complete(reading, 5);
  complete(writing, 12);
  EXPECT_EQ(platform.closed, Descriptors{50});
  EXPECT_EQ(free_blobs(), kBlobs);
  EXPECT_EQ(reactor().free_buffers(), 1u);
  run_for(1);
  opened(51);
}

TEST_F(Files, ADiskThatHangsDelaysTheEndOfTheTreeByFiveSecondsAtMost) {
  const Operation hung = open();
  tree().stop();
  run_for(4'990);
  EXPECT_FALSE(tree().ended()) << "it may still come back";
  run_for(20);
  EXPECT_EQ(tree().phase(), TreePhase::kStopped);
  const LogRecord* record = shard->parts.log.peek();
  while (record != nullptr && std::string_view(record->event) != "operations_left") {
    shard->parts.log.pop();
    record = shard->parts.log.peek();
  }
  ASSERT_NE(record, nullptr);
  platform.started.push_back(hung);  // of which nobody hears again
}

TEST_F(Files, ATreeEndsAsSoonAsTheDiskHasGivenEverythingBack) {
  const Operation slow = open();
  tree().stop();
  run_for(4'000);
  EXPECT_FALSE(tree().ended());
  complete(slow, 50);
  EXPECT_EQ(tree().phase(), TreePhase::kStopped);
  EXPECT_EQ(platform.closed, Descriptors{50});
}

TEST_F(Files, AShardThatStartsAnewWaitsForTheDiskUntilItIsToStop) {
  const Operation hung = open();
  tree().restart(shard->parts, RestartCause::kEscalated);
  run_for(20'000);
  EXPECT_EQ(tree().phase(), TreePhase::kRestarting) << "its slot is in the kernel's hands";
  tree().stop();
  run_for(5'010);
  EXPECT_EQ(tree().phase(), TreePhase::kStopped);
  platform.started.push_back(hung);
}

TEST_F(Files, CloseGivesBackWhatWaitsAndEndsWhatIsUnderWay) {
  opened();
  add({1});
  order(Act::GATHERED);
  const Operation writing = take_started(OpCode::kWriteGathered);
  order(Act::ADD, 2);
  order(Act::CLOSE);
  EXPECT_EQ(free_blobs(), kBlobs - 1);
  complete(writing, 1);
  EXPECT_EQ(free_blobs(), kBlobs);
  EXPECT_EQ(platform.closed, Descriptors{50});
  ends();
  opened(51);
  EXPECT_EQ(object().descriptor, 51);
}

/// Orders and ends at random: what is opened is closed, and the balance is even at the end.
TEST_F(Files, AHundredThousandOpensLeaveNothingBehind) {
  std::uint64_t random = 1;
  const auto choose = [&](std::uint64_t n) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return (random >> 33) % n;
  };
  constexpr Act kActs[] = {Act::OPEN, Act::OPEN, Act::READ,    Act::ADD,   Act::GATHERED,
                           Act::ADD,  Act::SYNC, Act::CLOSE,   Act::WRITE, Act::COMMIT,
                           Act::REST, Act::ADD,  Act::DESCRIBE};
  std::int32_t next = 100;
  for (int i = 0; i < 100'000; ++i) {
    platform.now += 300'000'000;  // crashes by a busy lane stay below the restart limit
    if (choose(3) == 0 && !platform.started.empty()) {
      const Operation some = platform.started[choose(platform.started.size())];
      std::erase_if(platform.started,
                    [&](const Operation& o) { return o.token.bits == some.token.bits; });
      const bool fails = choose(3) == 0;
      complete(some, fails ? -EIO : some.op == OpCode::kOpen ? next++ : 1);
    } else if (type(kScribe).live == 1) {
      order(kActs[choose(std::size(kActs))], choose(20));
    }
    ASSERT_TRUE(blocks_add_up(shard->parts)) << i;
    files::ends.clear();
    crash_reasons();
  }
  if (type(kScribe).live == 1) order(Act::CRASH);
  while (!platform.started.empty()) {
    const Operation last = platform.started.back();
    platform.started.pop_back();
    complete(last, -ECANCELED);
  }
  std::sort(platform.closed.begin(), platform.closed.end());
  EXPECT_EQ(platform.closed.size(), static_cast<std::size_t>(next - 100));
  EXPECT_EQ(std::adjacent_find(platform.closed.begin(), platform.closed.end()),
            platform.closed.end());
  EXPECT_GT(platform.closed.size(), 1'000u);
  EXPECT_EQ(reactor().in_flight(), 0u);
  EXPECT_EQ(free_blobs(), kBlobs);
}

}  // namespace
}  // namespace tina::internal
