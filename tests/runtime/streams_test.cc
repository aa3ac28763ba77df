// SPDX-License-Identifier: Apache-2.0
// The goal: objects that open themselves are open when their isolate starts and are closed exactly
// once; a read of the standard input holds no buffer before there are bytes; who was not quick
// enough stands in line again; what an operation has stays its until it has ended, also beyond a
// crash.
#include <fcntl.h>
#include <unistd.h>

#include "object_fixture.h"
#include "src/os_signals.h"
#include "src/os_stream.h"
#include "streams.system.h"
#include "user.h"

namespace tina::internal {
namespace {

using streams::Act;
using streams::contract::kUser;
using Ends = std::vector<std::pair<std::string, std::int32_t>>;
using Descriptors = std::vector<std::int32_t>;

class Streams : public ObjectShard {
 protected:
  void SetUp() override {
    ProbeShard::SetUp();
    streams::ends.clear();
  }
  void boot() { ProbeShard::boot(streams::streams::kSystem); }
  void order(Act act) { tell(kUser, streams::Order{.act = act}); }
  static Ends ends() { return std::exchange(streams::ends, {}); }
};

TEST_F(Streams, OpensThemselvesWhenTheirIsolateStarts) {
  boot();
  const std::int32_t descriptors[] = {200, 201, 202};
  for (unsigned i = 0; i < 3; ++i) {
    EXPECT_EQ(type(kUser).object(0, i).descriptor, descriptors[i]);
    EXPECT_EQ(type(kUser).object(0, i).phase, ObjectPhase::kOpen);
  }
}

TEST_F(Streams, AReadHoldsNoBufferBeforeThereAreBytes) {
  boot();
  order(Act::READ);
  const Operation waiting = take_started(OpCode::kAwait);
  EXPECT_EQ(reactor().free_buffers(), 2u);
  complete(waiting, 1);
  EXPECT_EQ(reactor().free_buffers(), 1u);
  const Operation reading = take_started(OpCode::kInput);
  EXPECT_EQ(reading.descriptor, 200);
  EXPECT_EQ(reading.size, 64u);
  complete(reading, 7);
  EXPECT_EQ(ends(), (Ends{{"received", 7}}));
  EXPECT_EQ(reactor().free_buffers(), 2u);
}

TEST_F(Streams, AReadThatSomebodyWasQuickerThanStandsInLineAgain) {
  boot();
  order(Act::READ);
  for (int i = 0; i < 3; ++i) {
    complete(take_started(OpCode::kAwait), 1);
    complete(take_started(OpCode::kInput), -EAGAIN);
    EXPECT_EQ(reactor().free_buffers(), 2u);
  }
  complete(take_started(OpCode::kAwait), 1);
  complete(take_started(OpCode::kInput), 0);
  EXPECT_EQ(ends(), (Ends{{"received", 0}})) << "the end";
}

TEST_F(Streams, AnErrorOfTheWaitIsTheReads) {
  boot();
  order(Act::READ);
  complete(take_started(OpCode::kAwait), -EIO);
  EXPECT_EQ(ends(), (Ends{{"received", -EIO}}));
}

TEST_F(Streams, AWriteGoesOnUntilAllIsWritten) {
  boot();
  order(Act::WRITE);
  const Operation first = take_started(OpCode::kOutput);
  EXPECT_EQ(first.size, 5u);
  complete(first, 2);
  const Operation second = take_started(OpCode::kOutput);
  EXPECT_EQ(second.data, first.data + 2);
  EXPECT_EQ(second.size, 3u);
  complete(second, 3);
  EXPECT_EQ(ends(), (Ends{{"written", 5}}));
}

TEST_F(Streams, AWriteThatWouldWaitWaitsForRoomAndGoesOnWhereItWas) {
  boot();
  order(Act::WRITE);
  const Operation first = take_started(OpCode::kOutput);
  complete(first, 1);
  complete(take_started(OpCode::kOutput), -EAGAIN);
  complete(take_started(OpCode::kAwaitRoom), 4);
  const Operation again = take_started(OpCode::kOutput);
  EXPECT_EQ(again.data, first.data + 1);
  complete(again, 4);
  EXPECT_EQ(ends(), (Ends{{"written", 5}}));
  order(Act::WRITE);
  complete(take_started(OpCode::kOutput), -EPIPE);
  EXPECT_EQ(ends(), (Ends{{"written", -EPIPE}}));
}

TEST_F(Streams, PassesABufferOnWithoutACopy) {
  boot();
  order(Act::PASS);
  complete(take_started(OpCode::kAwait), 1);
  const Operation reading = take_started(OpCode::kInput);
  complete(reading, 9);
  const Operation writing = take_started(OpCode::kOutput);
  EXPECT_EQ(writing.data, reading.data);
  EXPECT_EQ(writing.size, 9u);
  EXPECT_EQ(reactor().free_buffers(), 1u);
  complete(writing, 9);
  EXPECT_EQ(reactor().free_buffers(), 2u);
}

TEST_F(Streams, SaysWhichSignalHasCome) {
  boot();
  for (const std::uint8_t which : {std::uint8_t{0}, std::uint8_t{3}}) {
    order(Act::WAIT);
    const Operation waiting = take_started(OpCode::kSignal);
    EXPECT_EQ(waiting.descriptor, 202);
    waiting.as<SignalOperand>().which = which;
    complete(waiting, 1);
  }
  EXPECT_EQ(ends(), (Ends{{"signalled", 0}, {"signalled", 3}}));
}

TEST_F(Streams, ACrashKeepsWhatIsUnderWayUntilItHasEndedAndShutsNothing) {
  boot();
  order(Act::PASS);
  complete(take_started(OpCode::kAwait), 1);
  complete(take_started(OpCode::kInput), 9);
  const Operation writing = take_started(OpCode::kOutput);
  order(Act::READ);
  complete(take_started(OpCode::kAwait), 1);
  const Operation reading = take_started(OpCode::kInput);
  order(Act::WAIT);
  const Operation waiting = take_started(OpCode::kSignal);
  ends();
  order(Act::CRASH);
  EXPECT_EQ(platform.cancelled.size(), 3u);
  EXPECT_EQ(platform.shut, Descriptors{}) << "others may have the same stream";
  EXPECT_EQ(platform.closed, Descriptors{});
  EXPECT_EQ(reactor().free_buffers(), 0u) << "the kernel may still use both";
  complete(waiting, -ECANCELED);
  complete(reading, 5);
  EXPECT_EQ(reactor().free_buffers(), 1u);
  complete(writing, -ECANCELED);
  EXPECT_EQ(reactor().free_buffers(), 2u);
  std::ranges::sort(platform.closed);
  EXPECT_EQ(platform.closed, (Descriptors{200, 201, 202}));
  EXPECT_EQ(ends(), Ends{});
  EXPECT_EQ(type(kUser).object(0, 0).descriptor, 203) << "and opened anew";
}

TEST_F(Streams, WithoutTheStreamItsOperationsSaySo) {
  platform.next_stream = -EBADF;
  boot();
  order(Act::READ);
  order(Act::WRITE);
  EXPECT_EQ(ends(), (Ends{{"received", -EBADF}, {"written", -EBADF}}));
  EXPECT_TRUE(crash_reasons().empty());
}

TEST_F(Streams, WhatCannotBeOpenedIsTheEndOfItsIsolate) {
  platform.next_stream = -EMFILE;
  boot();
  EXPECT_EQ(crash_reasons().front(), "an I/O object could not be opened");
}

TEST(WholeLines, CutsBehindTheLastLineThatFits) {
  const auto cut = [](const std::string& text) {
    return whole_lines(reinterpret_cast<const std::byte*>(text.data()),
                       static_cast<std::uint32_t>(text.size()));
  };
  EXPECT_EQ(cut(""), 0u);
  EXPECT_EQ(cut("no end"), 6u);
  EXPECT_EQ(cut(std::string(4096, 'x')), 4096u);
  EXPECT_EQ(cut(std::string(5000, 'x')), 4096u) << "a longer line is cut somewhere";
  EXPECT_EQ(cut(std::string(100, 'x') + "\n" + std::string(5000, 'x')), 101u);
  EXPECT_EQ(cut(std::string(4095, 'x') + "\n" + std::string(10, 'x')), 4096u);
}

IoTable hears(bool hangup, bool user_1) {
  return {.name = "told",
          .kind = IoKind::kSignals,
          .first_record = 0,
          .first_completion = 0,
          .lanes = 1,
          .hangup = hangup,
          .user_1 = user_1};
}

TEST(Signals, ReachThoseWhoDeclareThem) {
  const std::int32_t both = open_signals(hears(true, true), true);
  const std::int32_t one = open_signals(hears(false, true), true);
  deliver_signal(1);
  deliver_signal(0);
  char bytes[8];
  EXPECT_EQ(::read(both, bytes, sizeof bytes), 2);
  EXPECT_EQ(bytes[0], 1);
  EXPECT_EQ(bytes[1], 0);
  EXPECT_EQ(::read(one, bytes, sizeof bytes), 1);
  ::close(both);
  ::close(one);
  forget_signals();
}

TEST(Signals, LivesThatEndLeaveNothingBehind) {
  for (int i = 0; i < 10'000; ++i) {
    const std::int32_t life = open_signals(hears(true, false), true);
    ASSERT_GE(life, 0);
    ASSERT_EQ(signal_listeners(), 1u);
    ::close(life);
  }
  deliver_signal(0);
  EXPECT_EQ(signal_listeners(), 0u);
  forget_signals();
}

TEST(Signals, AFullPipeIsCountedAndNeverWaitedFor) {
  const std::int32_t lazy = open_signals(hears(true, false), true);
  for (int i = 0; i < 100'000; ++i) deliver_signal(0);
  const SignalCounts counts = signal_counts();
  EXPECT_EQ(counts.told + counts.dropped, 100'000u);
  EXPECT_GT(counts.dropped, 0u);
  EXPECT_GE(counts.told, 4096u);
  ::close(lazy);
  forget_signals();
}

}  // namespace
}  // namespace tina::internal
