// SPDX-License-Identifier: Apache-2.0
// The goal: a gathered send sends every byte that was added once and in order, however little the
// kernel takes at a time; its blocks are its own until it has ended, and go back whatever happens.
#include "gathered.system.h"
#include "object_fixture.h"
#include "speaker.h"

namespace tina::internal {
namespace {

using gathered::Act;
using gathered::contract::kSpeaker;
using Ends = std::vector<std::pair<std::string, std::int64_t>>;
using Sizes = std::vector<std::size_t>;

constexpr std::uint32_t kBlobs = 6;

class GatheredSend : public ObjectShard {
 protected:
  void SetUp() override {
    ProbeShard::SetUp();
    gathered::ends.clear();
    boot(gathered::gathered::kSystem);
  }
  void order(Act act, std::uint64_t value = 0) {
    tell(kSpeaker, gathered::Order{.value = value, .act = act});
  }
  void connected() {
    order(Act::DIAL);
    complete(take_started(OpCode::kConnect), 0);
    EXPECT_EQ(ends(), (Ends{{"connected", 0}}));
  }
  void add(std::initializer_list<std::uint64_t> sizes) {
    for (const std::uint64_t size : sizes) order(Act::ADD, size);
    ends();
  }
  Operation sending() {
    order(Act::SEND);
    return take_started(OpCode::kSendGathered);
  }
  static Ends ends() { return std::exchange(gathered::ends, {}); }
};

TEST_F(GatheredSend, TakesWhatWaitsAndOthersMayBeAddedMeanwhile) {
  connected();
  add({1, 2, 3});
  const Operation first = sending();
  EXPECT_EQ(first.descriptor, 200);
  EXPECT_EQ(sizes(first), (Sizes{1, 2, 3}));
  add({4});
  order(Act::ADD, 5);
  EXPECT_EQ(ends(), (Ends{{"full", 1}})) << "four is what `gather` says";
  complete(first, 6);
  EXPECT_EQ(ends(), (Ends{{"sent", 6}}));
  EXPECT_EQ(free_blobs(), kBlobs - 1);
  add({5, 6});
  const Operation row = sending();
  EXPECT_EQ(sizes(row), (Sizes{4})) << "the list is a ring: here it ends";
  complete(row, 4);
  const Operation rest = take_started(OpCode::kSendGathered);
  EXPECT_EQ(sizes(rest), (Sizes{5, 6}));
  complete(rest, 11);
  EXPECT_EQ(ends(), (Ends{{"sent", 15}}));
  EXPECT_EQ(free_blobs(), kBlobs);
}

TEST_F(GatheredSend, GoesOnAtTheRightByteHoweverLittleIsTaken) {
  connected();
  add({3, 1, 7, 5});
  std::string sent;
  Operation next = sending();
  const std::byte* const second_part = next.parts()[1].data;
  for (std::size_t left = 16; left > 0; --left) {
    EXPECT_EQ(next.done, 16 - left);
    std::size_t offered = 0;
    for (const GatherPart& part : next.parts()) offered += part.size;
    EXPECT_EQ(offered, left);
    if (left == 13) {
      EXPECT_EQ(next.parts()[0].data, second_part);
    }
    complete(next, 1);
    if (left > 1) next = take_started(OpCode::kSendGathered);
  }
  EXPECT_EQ(ends(), (Ends{{"sent", 16}}));
  EXPECT_EQ(free_blobs(), kBlobs);
}

TEST_F(GatheredSend, IsTriedAgainWhereItWasInterrupted) {
  connected();
  add({10, 10});
  complete(sending(), 13);
  complete(take_started(OpCode::kSendGathered), -EINTR);
  const Operation again = take_started(OpCode::kSendGathered);
  EXPECT_EQ(sizes(again), Sizes{7});
  complete(again, -ECONNRESET);
  EXPECT_EQ(ends(), (Ends{{"sent", -ECONNRESET}}));
  EXPECT_EQ(free_blobs(), kBlobs);
}

TEST_F(GatheredSend, OfNothingEndsAtOnce) {
  connected();
  order(Act::SEND);
  EXPECT_EQ(ends(), (Ends{{"sent", 0}}));
  add({0, 0});
  order(Act::SEND);
  EXPECT_EQ(ends(), (Ends{{"sent", 0}}));
  EXPECT_EQ(free_blobs(), kBlobs);
  order(Act::DIAL, 1);
  complete(take_started(OpCode::kConnect), 0);
  order(Act::BARE);
  EXPECT_EQ(ends(), (Ends{{"bare connected", 0}, {"bare sent", 0}})) << "it has no list";
  EXPECT_TRUE(platform.started.empty());
}

TEST_F(GatheredSend, OfAStreamThatIsNotConnectedIsAnError) {
  add({1, 2});
  order(Act::SEND);
  EXPECT_EQ(ends(), (Ends{{"sent", -ENOTCONN}}));
  EXPECT_EQ(free_blobs(), kBlobs) << "what it took went back";
  EXPECT_TRUE(platform.started.empty());
}

TEST_F(GatheredSend, KeepsItsBlocksUntilItsEndWhenTheIsolateCrashes) {
  connected();
  add({10, 20});
  const Operation writing = sending();
  add({5});
  order(Act::CRASH);
  EXPECT_EQ(free_blobs(), kBlobs - 2) << "the one that waited went back at once";
  EXPECT_EQ(sizes(writing), (Sizes{10, 20}));
  EXPECT_EQ(platform.shut, std::vector<std::int32_t>{200});
  EXPECT_TRUE(platform.closed.empty());
  complete(writing, 12);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{200});
  EXPECT_EQ(free_blobs(), kBlobs);
}

TEST_F(GatheredSend, IsEndedByAClose) {
  connected();
  add({1});
  const Operation writing = sending();
  add({2});
  order(Act::CLOSE);
  EXPECT_EQ(free_blobs(), kBlobs - 1);
  complete(writing, -EPIPE);
  EXPECT_EQ(free_blobs(), kBlobs);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{200});
  EXPECT_EQ(ends(), Ends{});
}

TEST_F(GatheredSend, SharesItsLaneWithNothingElse) {
  connected();
  add({1});
  const Operation writing = sending();
  order(Act::READ);
  const Operation reading = take_started(OpCode::kAwait);
  order(Act::SEND);
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{"lane_busy"});
  complete(reading, -ECANCELED);
  complete(writing, 1);
  EXPECT_EQ(free_blobs(), kBlobs);
}

}  // namespace
}  // namespace tina::internal
