// SPDX-License-Identifier: Apache-2.0
// The goal: a stream with `read_ahead` gives its isolate every byte once and in order, however the
// backend's read-ahead ends and whatever overtakes its end; it never holds more buffers than its
// setting says, nor more than half of the shard's, and each goes back whatever happens.
#include <cstring>

#include "object_fixture.h"
#include "read_ahead.system.h"
#include "reader.h"

namespace tina::internal {
namespace {

using read_ahead::Act;
using read_ahead::contract::kReader;
using Ends = std::vector<std::string>;

constexpr std::uint32_t kBuffers = 8;

class ReadAheadShard : public ObjectShard {
 protected:
  void SetUp() override {
    ProbeShard::SetUp();
    read_ahead::ends.clear();
    boot(read_ahead::read_ahead::kSystem);
  }
  void TearDown() override {
    EXPECT_TRUE(!platform.started.empty() || platform.lent.empty()) << "lent to nobody";
    ObjectShard::TearDown();
  }
  void order(Act act) { tell(kReader, read_ahead::Order{.act = act}); }
  void connected() {
    order(Act::Dial);
    complete(take_started(OpCode::kConnect), 0);
  }
  /// The isolate receives, which starts a read-ahead.
  Operation reading() {
    order(Act::Read);
    return take_started(OpCode::kReadAhead);
  }
  /// Bytes arrive; with `more`, others may.
  void arrive(const Operation& operation, std::string_view bytes, bool more = true) {
    ASSERT_FALSE(platform.lent.empty());
    std::memcpy(platform.lent.front().data(), bytes.data(), bytes.size());
    platform.lent.pop_front();
    Token token = operation.token;
    token.bits |= Token::kTook | (more ? Token::kMore : 0);
    platform.completions.push_back({token, static_cast<std::int32_t>(bytes.size())});
    run();
  }
  static Ends ends() { return std::exchange(read_ahead::ends, {}); }
};

TEST_F(ReadAheadShard, GivesWhatHasArrivedInOrderWithoutAnotherOperation) {
  connected();
  const Operation ahead = reading();
  EXPECT_EQ(platform.lent.size(), 3u) << "as many as the setting says";
  arrive(ahead, "one");
  EXPECT_EQ(ends(), Ends{"one"});
  arrive(ahead, "two");
  arrive(ahead, "three");
  EXPECT_EQ(ends(), Ends{}) << "nobody has asked";
  order(Act::Read);
  order(Act::Read);
  EXPECT_EQ(ends(), (Ends{"two", "three"}));
  order(Act::Read);
  EXPECT_EQ(ends(), Ends{});
  EXPECT_EQ(platform.lent.size(), 3u) << "what was handled is lent again";
  arrive(ahead, "four");
  EXPECT_EQ(ends(), Ends{"four"});
  EXPECT_TRUE(platform.started.empty()) << "one operation for all";
  platform.started.push_back(ahead);
}

TEST_F(ReadAheadShard, StopsWhereItsBuffersAreFullAndGoesOnWhenTheIsolateReceives) {
  connected();
  const Operation ahead = reading();
  for (const char* bytes : {"a", "b", "c"}) arrive(ahead, bytes);
  EXPECT_TRUE(platform.lent.empty());
  complete(ahead, -ENOBUFS);
  EXPECT_EQ(ends(), Ends{"a"});
  EXPECT_TRUE(platform.started.empty()) << "the isolate sets the pace";
  const Operation next = reading();
  EXPECT_EQ(ends(), Ends{"b"});
  EXPECT_EQ(platform.lent.size(), 2u) << "one still waits";
  arrive(next, "d");
  order(Act::Read);
  order(Act::Read);
  EXPECT_EQ(ends(), (Ends{"c", "d"}));
  platform.started.push_back(next);
}

TEST_F(ReadAheadShard, StartsAgainForAReceiveThatWaitsWhenItEnds) {
  connected();
  const Operation ahead = reading();
  complete(ahead, -ENOBUFS);
  const Operation again = take_started(OpCode::kReadAhead);
  complete(again, -EINTR);
  const Operation third = take_started(OpCode::kReadAhead);
  EXPECT_EQ(platform.lent.size(), 3u);
  arrive(third, "bytes", false);
  EXPECT_EQ(ends(), Ends{"bytes"}) << "its last buffer ended it";
  EXPECT_EQ(platform.lent.size(), 3u);
  EXPECT_EQ(platform.started.size(), 1u);
}

TEST_F(ReadAheadShard, TellsTheEndAfterAllThatArrivedBefore) {
  connected();
  const Operation ahead = reading();
  for (const char* bytes : {"a", "b"}) arrive(ahead, bytes);
  complete(ahead, 0);
  EXPECT_TRUE(platform.lent.empty());
  EXPECT_EQ(ends(), Ends{"a"});
  order(Act::Read);
  EXPECT_EQ(ends(), Ends{"b"});
  EXPECT_TRUE(platform.started.empty()) << "what follows is known";
  order(Act::Read);
  EXPECT_EQ(ends(), Ends{"end"});
  EXPECT_TRUE(platform.started.empty());
  const Operation asked = reading();
  complete(asked, -ECONNRESET);
  EXPECT_EQ(ends(), Ends{"error 104"}) << "as the kernel says it now";
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
}

TEST_F(ReadAheadShard, TakesAnEndThatBringsABufferBack) {
  connected();
  const Operation ahead = reading();
  platform.lent.pop_front();
  Token token = ahead.token;
  token.bits |= Token::kTook;
  platform.completions.push_back({token, 0});
  run();
  EXPECT_EQ(ends(), Ends{"end"});
  EXPECT_TRUE(platform.lent.empty()) << "the other two were taken back";
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
}

TEST_F(ReadAheadShard, LeavesHalfOfTheBuffersToOthers) {
  connected();
  order(Act::DialSide);
  complete(take_started(OpCode::kConnect), 0);
  const Operation ahead = reading();
  order(Act::ReadSide);
  const Operation resting = take_started(OpCode::kReceive);
  EXPECT_EQ(reactor().free_buffers(), 4u) << "three are lent, one rests";
  for (const char* bytes : {"a", "b", "c"}) arrive(ahead, bytes);
  complete(ahead, -ENOBUFS);
  order(Act::Read);
  EXPECT_EQ(ends(), (Ends{"a", "b"}));
  EXPECT_EQ(platform.lent.size(), 1u) << "of two places: no more are free than half";
  platform.started.push_back(resting);
}

TEST_F(ReadAheadShard, ReceivesAsWithoutTheSettingWhereTheBackendHasNoGroup) {
  platform.groups = 0;
  connected();
  order(Act::Read);
  const Operation plain = take_started(OpCode::kReceive);
  std::memcpy(const_cast<std::byte*>(plain.data), "plain", 5);
  complete(plain, 5);
  EXPECT_EQ(ends(), Ends{"plain"});
  EXPECT_TRUE(platform.started.empty());
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
}

TEST_F(ReadAheadShard, ReceivesAsWithoutTheSettingWhereTheKernelKnowsNone) {
  connected();
  complete(reading(), -EINVAL);
  const Operation plain = take_started(OpCode::kReceive);
  EXPECT_TRUE(platform.lent.empty());
  complete(plain, 0);
  EXPECT_EQ(ends(), Ends{"end"});
}

TEST_F(ReadAheadShard, MovesABufferThatCameAheadOnIntoASend) {
  connected();
  const Operation ahead = reading();
  arrive(ahead, ">forward");
  const Operation send = take_started(OpCode::kSend);
  EXPECT_EQ(std::memcmp(send.data, ">forward", 8), 0);
  EXPECT_EQ(platform.lent.size(), 2u) << "the third is being sent";
  complete(send, 8);
  EXPECT_EQ(reactor().free_buffers(), kBuffers - 2);
  platform.started.push_back(ahead);
}

TEST_F(ReadAheadShard, IsCancelledByACloseAndKeepsItsBuffersUntilItHasEnded) {
  connected();
  const Operation ahead = reading();
  arrive(ahead, "a");
  arrive(ahead, "b");
  ends();
  order(Act::Close);
  EXPECT_EQ(platform.shut, std::vector<std::int32_t>{200});
  EXPECT_EQ(platform.cancelled, std::vector<std::uint64_t>{ahead.token.bits});
  EXPECT_TRUE(platform.closed.empty());
  EXPECT_EQ(reactor().free_buffers(), kBuffers - 1) << "the kernel may still write into one";
  arrive(ahead, "late");
  EXPECT_TRUE(platform.closed.empty());
  complete(ahead, -ECANCELED);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{200});
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
  connected();
  const Operation next = reading();
  arrive(next, "anew");
  EXPECT_EQ(ends(), Ends{"anew"}) << "nothing of the connection before";
  platform.started.push_back(next);
}

TEST_F(ReadAheadShard, IsClosedWhileAReceiveWaitsForIt) {
  connected();
  const Operation ahead = reading();
  order(Act::Close);
  complete(ahead, -ECANCELED);
  EXPECT_EQ(ends(), Ends{});
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
  connected();
  const Operation next = reading();
  complete(next, 0);
  EXPECT_EQ(ends(), Ends{"end"});
}

TEST_F(ReadAheadShard, GivesEverythingBackWhenItsIsolateCrashes) {
  connected();
  const Operation ahead = reading();
  for (const char* bytes : {"a", "b"}) arrive(ahead, bytes);
  order(Act::Crash);
  EXPECT_EQ(platform.cancelled, std::vector<std::uint64_t>{ahead.token.bits});
  EXPECT_TRUE(platform.closed.empty()) << "quarantined";
  arrive(ahead, "late");
  complete(ahead, -ECANCELED);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{200});
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
  EXPECT_EQ(ends(), Ends{"a"});
}

TEST_F(ReadAheadShard, GivesEverythingBackWhenItsIsolateCrashesAfterTheEnd) {
  connected();
  const Operation ahead = reading();
  for (const char* bytes : {"a", "b"}) arrive(ahead, bytes);
  complete(ahead, 0);
  order(Act::Crash);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{200});
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
  connected();
  const Operation next = reading();
  arrive(next, "anew");
  EXPECT_EQ(ends(), (Ends{"a", "anew"})) << "neither its bytes nor its end";
  platform.started.push_back(next);
}

}  // namespace
}  // namespace tina::internal
