// SPDX-License-Identifier: Apache-2.0
// The goal: a receive of several datagrams waits without a buffer, takes as many as there are
// buffers and places, and gives back what it has no use for; a send hands over its whole list,
// however little moves at a time and whatever fails of it; and both leave nothing when their
// isolate ends.
#include "batches.system.h"
#include "object_fixture.h"
#include "postman.h"

namespace tina::internal {
namespace {

using batches::Act;
using batches::contract::kPostman;
using Ends = std::vector<std::pair<std::string, std::int64_t>>;

constexpr std::uint32_t kBuffers = 8;
constexpr std::uint32_t kBlobs = 6;

class BatchTest : public ObjectShard {
 protected:
  void SetUp() override {
    ProbeShard::SetUp();
    batches::ends.clear();
    batches::answers = false;
    boot(batches::batches::kSystem);
    order(Act::OPEN);
    EXPECT_EQ(ends(), (Ends{{"opened", 0}}));
  }
  std::uint32_t free_buffers() { return reactor().free_buffers(); }
  void order(Act act, std::uint64_t value = 0) {
    tell(kPostman, batches::Order{.value = value, .act = act});
  }
  Operation waiting() {
    order(Act::READ);
    return take_started(OpCode::kAwait);
  }
  void add(std::initializer_list<std::uint64_t> sizes) {
    for (const std::uint64_t size : sizes) order(Act::POST, size);
    ends();
  }
  /// Places that the batches since the last call were asked to move.
  std::vector<std::uint32_t> asked() {
    std::vector<std::uint32_t> sizes;
    for (const Operation& one : std::exchange(platform.moved, {})) sizes.push_back(one.size);
    return sizes;
  }
  static Ends ends() { return std::exchange(batches::ends, {}); }
  using Asked = std::vector<std::uint32_t>;
};

TEST_F(BatchTest, WaitsWithoutABufferAndTakesWhatIsThere) {
  const Operation waits = waiting();
  EXPECT_EQ(free_buffers(), kBuffers);
  EXPECT_EQ(asked(), Asked{}) << "nothing is known to be there";
  platform.moves = {3};
  complete(waits, 1);
  EXPECT_EQ(ends(), (Ends{{"datagram", 1}, {"datagram", 2}, {"datagram", 3}}));
  EXPECT_EQ(asked(), Asked{4});
  EXPECT_EQ(free_buffers(), kBuffers) << "what the handler has left went back";
}

TEST_F(BatchTest, AsksForMoreWhileAllIsFull) {
  platform.moves = {4, 6, 6, -EAGAIN};
  complete(waiting(), 1);
  EXPECT_EQ(ends().size(), 4U);
  complete(waiting(), 1);
  EXPECT_EQ(ends().size(), 6U) << "`batch` is 6";
  order(Act::READ);
  EXPECT_EQ(ends().size(), 6U) << "it did not wait, for there was more before";
  order(Act::READ);
  EXPECT_EQ(ends(), Ends{});
  EXPECT_EQ(asked(), (Asked{4, 6, 6, 6}));
  platform.moves = {1};
  complete(take_started(OpCode::kAwait), 1);
  EXPECT_EQ(ends(), (Ends{{"datagram", 1}}));
  EXPECT_EQ(asked(), Asked{4}) << "it starts small again";
}

TEST_F(BatchTest, WaitsAgainWhereNothingWasThere) {
  const Operation waits = waiting();
  complete(waits, 1);
  EXPECT_EQ(ends(), Ends{});
  EXPECT_EQ(free_buffers(), kBuffers);
  platform.moves = {-EINTR, 1};
  complete(take_started(OpCode::kAwait), 1);
  EXPECT_EQ(ends(), (Ends{{"datagram", 1}}));
}

TEST_F(BatchTest, TellsOfErrors) {
  platform.moves = {-ECONNREFUSED};
  complete(waiting(), 1);
  EXPECT_EQ(ends(), (Ends{{"error", ECONNREFUSED}}));
  complete(waiting(), -EIO);
  EXPECT_EQ(ends(), (Ends{{"error", EIO}}));
  EXPECT_EQ(free_buffers(), kBuffers);
}

TEST_F(BatchTest, MovesItsBuffersIntoTheList) {
  order(Act::ANSWER);
  platform.moves = {4};
  complete(waiting(), 1);
  ends();
  EXPECT_EQ(free_buffers(), kBuffers - 4);
  platform.moves = {2};
  complete(waiting(), 1);
  EXPECT_EQ(ends(), (Ends{{"datagram", 1}, {"full", 1}, {"datagram", 2}, {"full", 2}}));
  platform.moves = {4};
  order(Act::SEND);
  EXPECT_EQ(ends(), (Ends{{"sent", 4}}));
  EXPECT_EQ(free_buffers(), kBuffers);
}

TEST_F(BatchTest, TakesFewerWhereBuffersAreScarceAndWaitsForOne) {
  order(Act::ANSWER);
  platform.moves = {3};
  complete(waiting(), 1);
  std::vector<std::uint32_t> taken;
  Blocks& blocks = reactor().blocks();
  for (; blocks.free(kReceivePool) > 2;) taken.push_back(blocks.take(shard->parts, kReceivePool));
  asked();
  platform.moves = {1};
  complete(waiting(), 1);
  EXPECT_EQ(asked(), Asked{2}) << "as many as are free";
  ends();
  taken.push_back(blocks.take(shard->parts, kReceivePool));
  complete(waiting(), 1);
  EXPECT_EQ(asked(), Asked{}) << "none is free";
  EXPECT_TRUE(platform.started.empty());
  EXPECT_EQ(reactor().parked_total(), 1U);
  reactor().release_block(shard->parts, taken.back());
  taken.pop_back();
  EXPECT_EQ(free_buffers(), 0U) << "it is kept for the one that has waited";
  platform.moves = {1};
  complete(take_started(OpCode::kAwait), 1);
  EXPECT_EQ(asked(), Asked{1});
  EXPECT_EQ(ends(), (Ends{{"datagram", 1}, {"full", 1}}));
  for (const std::uint32_t block : taken) reactor().release_block(shard->parts, block);
}

TEST_F(BatchTest, GivesBackWhatWasKeptForIt) {
  std::vector<std::uint32_t> taken;
  Blocks& blocks = reactor().blocks();
  const Operation waits = waiting();
  while (blocks.free(kReceivePool) > 0) taken.push_back(blocks.take(shard->parts, kReceivePool));
  complete(waits, 1);
  for (const std::uint32_t block : taken) reactor().release_block(shard->parts, block);
  EXPECT_EQ(free_buffers(), kBuffers - 1);
  const Operation again = take_started(OpCode::kAwait);
  order(Act::CRASH);
  complete(again, -ECANCELED);
  EXPECT_EQ(free_buffers(), kBuffers);
}

TEST_F(BatchTest, LeavesNothingOfAReceiveThatNobodyTakes) {
  const Operation waits = waiting();
  order(Act::FORGET);
  platform.moves = {3};
  complete(waits, 1);
  EXPECT_EQ(free_buffers(), kBuffers - 3) << "held, for the state does not list it";
  EXPECT_TRUE(blocks_add_up(shard->parts));
  order(Act::CRASH);
  EXPECT_EQ(free_buffers(), kBuffers);
}

TEST_F(BatchTest, IsEndedByAClose) {
  const Operation waits = waiting();
  add({1, 2});
  order(Act::CLOSE);
  EXPECT_EQ(free_blobs(), kBlobs);
  EXPECT_EQ(platform.cancelled, std::vector<std::uint64_t>{waits.token.bits});
  complete(waits, 1);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{200});
  order(Act::READ);
  order(Act::SEND);
  EXPECT_EQ(ends(), (Ends{{"error", ENOTCONN}, {"sent", 0}, {"failed", 0}, {"error", ENOTCONN}}));
  EXPECT_EQ(asked(), Asked{});
}

TEST_F(BatchTest, SendsTheWholeListAtOnce) {
  add({1, 2});
  order(Act::ADD, 3);
  platform.moves = {3};
  order(Act::SEND);
  EXPECT_EQ(ends(), (Ends{{"added", 3}, {"sent", 3}}));
  ASSERT_EQ(platform.moved.size(), 1U);
  AddressOperand* const to = platform.moved[0].as<Batch>().to();
  EXPECT_EQ(to[0].given, 1U);
  EXPECT_EQ(to[0].address, net::Address::loopback(1));
  EXPECT_EQ(to[2].given, 0U) << "to the socket's peer";
  EXPECT_EQ(free_blobs(), kBlobs);
  EXPECT_TRUE(platform.started.empty());
}

TEST_F(BatchTest, GoesOnWithWhatHasNotMoved) {
  add({1, 2, 3});
  platform.moves = {3};
  order(Act::SEND);
  EXPECT_EQ(ends(), (Ends{{"sent", 3}}));
  add({4, 5, 6, 7});
  order(Act::ADD, 8);
  EXPECT_EQ(ends(), (Ends{{"full", 4}})) << "four is what `gather` says";
  asked();
  platform.moves = {1, 1, -EAGAIN};
  order(Act::SEND);
  EXPECT_EQ(asked(), (Asked{1, 3, 2})) << "the list is a ring: here it ends";
  EXPECT_EQ(free_blobs(), kBlobs - 4);
  const Operation room = take_started(OpCode::kAwaitRoom);
  EXPECT_EQ(room.descriptor, 200);
  platform.moves = {2};
  complete(room, 4);
  EXPECT_EQ(ends(), (Ends{{"sent", 4}}));
  EXPECT_EQ(free_blobs(), kBlobs);
}

TEST_F(BatchTest, SendsTheOthersWhereSomeFail) {
  add({1, 2, 3, 4});
  platform.moves = {-EMSGSIZE, 1, -EAGAIN};
  order(Act::SEND);
  const Operation room = take_started(OpCode::kAwaitRoom);
  platform.moves = {-EINVAL, 1};
  complete(room, 4);
  EXPECT_EQ(ends(), (Ends{{"sent", 2}, {"failed", 2}, {"error", EMSGSIZE}})) << "the first one's";
  EXPECT_EQ(free_blobs(), kBlobs);
  add({1});
  platform.moves = {1};
  order(Act::SEND);
  EXPECT_EQ(ends(), (Ends{{"sent", 1}})) << "the error was that list's alone";
}

TEST_F(BatchTest, GivesUpWhatIsLeftWhereTheWaitFails) {
  add({1, 2, 3});
  platform.moves = {1};
  order(Act::SEND);
  complete(take_started(OpCode::kAwaitRoom), -EIO);
  EXPECT_EQ(ends(), (Ends{{"sent", 1}, {"failed", 2}, {"error", EIO}}));
  EXPECT_EQ(free_blobs(), kBlobs);
}

TEST_F(BatchTest, KeepsItsBlocksUntilItsEndWhenTheIsolateCrashes) {
  add({1, 2});
  order(Act::SEND);
  const Operation room = take_started(OpCode::kAwaitRoom);
  order(Act::CRASH);
  EXPECT_EQ(free_blobs(), kBlobs - 2);
  complete(room, 4);
  EXPECT_EQ(free_blobs(), kBlobs);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{200});
}

TEST_F(BatchTest, SharesTheLanesWithSingleDatagrams) {
  const Operation waits = waiting();
  order(Act::READ);
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{"lane_busy"});
  complete(waits, -ECANCELED);
}

}  // namespace
}  // namespace tina::internal
