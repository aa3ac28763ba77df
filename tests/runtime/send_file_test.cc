// SPDX-License-Identifier: Apache-2.0
// The goal: a send from a file sends every byte of it once, waits without a thread for a peer that
// is slow, and reads from the descriptor of its own file alone: that is not closed under it,
// whatever becomes of file, stream and isolate.
#include "object_fixture.h"
#include "send_file.system.h"
#include "sender.h"

namespace tina::internal {
namespace {

using send_file::Act;
using send_file::contract::kSender;
using Ends = std::vector<std::pair<std::string, std::int64_t>>;

constexpr std::int32_t kPeer = 200;
constexpr std::int32_t kPage = 300;

class SendFile : public ObjectShard {
 protected:
  void SetUp() override {
    ProbeShard::SetUp();
    send_file::ends.clear();
    boot(send_file::send_file::kSystem);
  }
  void order(Act act, std::uint64_t value = 0, std::uint32_t size = 0) {
    tell(kSender, send_file::Order{.value = value, .size = size, .act = act});
  }
  void dial() {
    order(Act::DIAL);
    complete(take_started(OpCode::kConnect), 0);
  }
  void open() {
    order(Act::OPEN);
    complete(take_started(OpCode::kOpen), kPage);
  }
  void ready() {
    dial();
    open();
    ends();
  }
  Operation sending(std::uint64_t offset = 0, std::uint32_t size = 1000) {
    order(Act::SEND, offset, size);
    return take_started(OpCode::kSendFile);
  }
  static Ends ends() { return std::exchange(send_file::ends, {}); }
  bool closed(std::int32_t descriptor) {
    return std::count(platform.closed.begin(), platform.closed.end(), descriptor) > 0;
  }
};

TEST_F(SendFile, GoesOnWhereItWasUntilAllIsSent) {
  ready();
  Operation next = sending(50, 1000);
  EXPECT_EQ(next.descriptor, kPeer);
  EXPECT_EQ(next.as<SendFileOperand>().file, kPage);
  EXPECT_EQ(next.as<SendFileOperand>().at, 50u);
  EXPECT_EQ(next.size, 1000u);
  complete(next, 300);
  next = take_started(OpCode::kSendFile);
  EXPECT_EQ(next.as<SendFileOperand>().at, 350u);
  EXPECT_EQ(next.size, 700u);
  complete(next, 700);
  EXPECT_EQ(ends(), (Ends{{"sent", 1000}}));
}

TEST_F(SendFile, WaitsForRoomAsLongAsItTakes) {
  ready();
  complete(sending(), 300);
  complete(take_started(OpCode::kSendFile), -EAGAIN);
  const Operation waits = take_started(OpCode::kAwaitRoom);
  EXPECT_EQ(waits.descriptor, kPeer);
  EXPECT_TRUE(ends().empty());
  complete(waits, 4);
  const Operation next = take_started(OpCode::kSendFile);
  EXPECT_EQ(next.as<SendFileOperand>().at, 300u);
  complete(next, 700);
  EXPECT_EQ(ends(), (Ends{{"sent", 1000}}));
}

TEST_F(SendFile, SaysThatTheFileHasEnded) {
  ready();
  complete(sending(), 300);
  complete(take_started(OpCode::kSendFile), 0);
  EXPECT_EQ(ends(), (Ends{{"ended", 300}}));
}

TEST_F(SendFile, OfNothingEndsAtOnce) {
  ready();
  order(Act::SEND, 0, 0);
  EXPECT_EQ(ends(), (Ends{{"sent", 0}}));
}

TEST_F(SendFile, NeedsBothOfThemOpen) {
  dial();
  ends();
  order(Act::SEND, 0, 10);
  EXPECT_EQ(ends(), (Ends{{"sent", 0}, {"error", EBADF}}));
  open();
  order(Act::LEAVE);
  ends();
  order(Act::SEND, 0, 10);
  EXPECT_EQ(ends(), (Ends{{"sent", 0}, {"error", ENOTCONN}}));
}

TEST_F(SendFile, KeepsTheFileOpenWhileTheBackendReadsIt) {
  ready();
  const Operation first = sending();
  order(Act::SHUT);
  EXPECT_FALSE(closed(kPage));
  complete(first, 300);
  EXPECT_TRUE(closed(kPage)) << "it is not needed any more";
  EXPECT_EQ(ends(), (Ends{{"sent", 300}, {"error", EBADF}})) << "in the state that lists it again";
  open();
  complete(sending(), 1000);
  EXPECT_EQ(ends(), (Ends{{"opened", 0}, {"sent", 1000}}));
}

TEST_F(SendFile, LetsGoOfTheFileWhileItWaitsForRoom) {
  ready();
  complete(sending(), -EAGAIN);
  const Operation waits = take_started(OpCode::kAwaitRoom);
  order(Act::SHUT);
  EXPECT_TRUE(closed(kPage)) << "a slow peer holds up nobody's close";
  complete(waits, 4);
  EXPECT_EQ(ends(), (Ends{{"sent", 0}, {"error", EBADF}}));
}

TEST_F(SendFile, EndsWithItsStreamAndTheFileStays) {
  ready();
  const Operation first = sending();
  order(Act::READ);
  const Operation receive = take_started(OpCode::kReceive);
  order(Act::LEAVE);
  EXPECT_EQ(platform.shut, std::vector{kPeer});
  complete(receive, 0);
  EXPECT_FALSE(closed(kPeer)) << "it is still being sent to";
  complete(first, -EPIPE);
  EXPECT_TRUE(closed(kPeer));
  EXPECT_FALSE(closed(kPage));
  order(Act::SHUT);
  EXPECT_TRUE(closed(kPage)) << "nothing has it any more";
}

TEST_F(SendFile, GivesTheFileBackThoughItsLaneIsUsedAnew) {
  ready();
  const Operation first = sending();
  order(Act::LEAVE);
  order(Act::SAY);  // while what was given up is still in the backend
  complete(first, -ECANCELED);
  ends();
  order(Act::SHUT);
  EXPECT_TRUE(closed(kPage));
}

TEST_F(SendFile, OutlivesAReadOfTheSameFileAndStream) {
  ready();
  const Operation first = sending();
  order(Act::READ);
  complete(take_started(OpCode::kReceive), 10);
  EXPECT_EQ(ends(), (Ends{{"received", 0}}));
  order(Act::SHUT);
  EXPECT_FALSE(closed(kPage)) << "the read has not given the file back in its stead";
  complete(first, 1000);
  EXPECT_TRUE(closed(kPage));
}

TEST_F(SendFile, QuarantinesBothWhenTheIsolateEnds) {
  ready();
  const Operation first = sending();
  order(Act::CRASH);
  EXPECT_FALSE(closed(kPage) || closed(kPeer));
  EXPECT_EQ(platform.shut, std::vector{kPeer});
  complete(first, 500);
  EXPECT_TRUE(closed(kPage) && closed(kPeer));
}

}  // namespace
}  // namespace tina::internal
