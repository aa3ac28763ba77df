// SPDX-License-Identifier: Apache-2.0
// The goal: one read fills several buffers, as many as are free; its handler gets those that have
// bytes, in order; and every buffer is back in the end, whatever becomes of the read.
#include "object_fixture.h"
#include "reader.h"
#include "scattered.system.h"

namespace tina::internal {
namespace {

using scattered::Act;
using scattered::contract::kReader;
using Sizes = std::vector<std::size_t>;
using Ends = std::vector<scattered::End>;

constexpr std::uint32_t kBuffers = 5;

class Scattered : public ObjectShard {
 protected:
  void SetUp() override {
    ProbeShard::SetUp();
    scattered::ends.clear();
    boot(scattered::scattered::kSystem);
  }
  void order(Act act, std::uint32_t slot = 0, std::uint64_t offset = 0, std::uint32_t most = 0) {
    const Handle reader = Handle::make(ShardId{0}, slot, type(kReader).meta[slot].generation);
    queued(send(kReader, reader, 0, scattered::Order{.offset = offset, .most = most, .act = act}));
    run();
  }
  void opened(std::uint32_t slot = 0, std::int32_t descriptor = 50) {
    order(Act::OPEN, slot);
    complete(take_started(OpCode::kOpen), descriptor);
  }
  Operation read(std::uint32_t slot = 0, std::uint64_t offset = 0, std::uint32_t most = 0) {
    order(Act::READ, slot, offset, most);
    return take_started(OpCode::kReadScattered);
  }
  /// Fills the parts with these bytes, one behind the other.
  void arrive(const Operation& operation, std::string_view bytes) {
    const auto size = static_cast<std::int32_t>(bytes.size());
    for (const GatherPart& part : operation.parts()) {
      const std::string_view piece = bytes.substr(0, part.size);
      std::memcpy(const_cast<std::byte*>(part.data), piece.data(), piece.size());
      bytes.remove_prefix(piece.size());
    }
    complete(operation, size);
  }
  static Ends ends() { return std::exchange(scattered::ends, {}); }
};

TEST_F(Scattered, FillsAsManyBuffersAsItsSettingSays) {
  opened();
  const Operation reading = read(0, 4711);
  EXPECT_EQ(reading.descriptor, 50);
  EXPECT_EQ(reading.as<ReadExtra>().offset, 4711u);
  EXPECT_EQ(sizes(reading), (Sizes{64, 64, 64}));
  EXPECT_EQ(reactor().free_buffers(), kBuffers - 3);
  std::string bytes(150, 'a');
  bytes[64] = 'b';
  bytes[149] = 'c';
  arrive(reading, bytes);
  EXPECT_EQ(ends(), (Ends{{"read", 150, {64, 64, 22}}}));
  EXPECT_EQ(scattered::text, bytes);
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
}

TEST_F(Scattered, ReadsNoMoreThanItIsAskedFor) {
  opened();
  const Operation two = read(0, 0, 100);
  EXPECT_EQ(sizes(two), (Sizes{64, 36}));
  complete(two, 100);
  const Operation one = read(0, 0, 64);
  EXPECT_EQ(sizes(one), (Sizes{64}));
  complete(one, 64);
  EXPECT_EQ(ends(), (Ends{{"read", 100, {64, 36}}, {"read", 64, {64}}}));
}

TEST_F(Scattered, TakesThoseThatAreFree) {
  opened();
  opened(1, 51);
  const Operation first = read(0);
  const Operation second = read(1);
  EXPECT_EQ(sizes(second), (Sizes{64, 64})) << "two were left";
  complete(first, 1);
  complete(second, 128);
  EXPECT_EQ(ends(), (Ends{{"read", 1, {1}}, {"read", 128, {64, 64}}}));
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
}

TEST_F(Scattered, ParksWithoutABufferAndGetsTheFirstOneThatComesBack) {
  opened();
  opened(1, 51);
  const std::uint64_t parked = reactor().parked_total();
  std::vector<std::uint32_t> taken;
  for (std::uint32_t i = 0; i < kBuffers; ++i) {
    taken.push_back(reactor().blocks().take(shard->parts, kReceivePool));
  }
  order(Act::READ, 1);
  EXPECT_EQ(reactor().parked_total(), parked + 1);
  EXPECT_TRUE(platform.started.empty());
  reactor().release_block(shard->parts, taken.back());
  const Operation reading = take_started(OpCode::kReadScattered);
  EXPECT_EQ(sizes(reading), (Sizes{64})) << "no other was free then";
  taken.pop_back();
  for (const std::uint32_t block : taken) reactor().release_block(shard->parts, block);
  complete(reading, -EINTR);
  const Operation again = take_started(OpCode::kReadScattered);
  EXPECT_EQ(sizes(again), (Sizes{64, 64, 64})) << "now they are";
  arrive(again, "abc");
  EXPECT_EQ(ends(), (Ends{{"read", 3, {3}}}));
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
}

TEST_F(Scattered, OneThatIsTriedAgainKeepsItsBuffers) {
  opened();
  const Operation first = read();
  const std::vector<GatherPart> parts(first.parts().begin(), first.parts().end());
  complete(first, -EAGAIN);
  const Operation again = take_started(OpCode::kReadScattered);
  ASSERT_EQ(again.parts().size(), parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) EXPECT_EQ(again.parts()[i].data, parts[i].data);
  EXPECT_EQ(reactor().free_buffers(), kBuffers - 3);
  complete(again, 1);
}

TEST_F(Scattered, WhatIsNotFilledGoesBackBeforeTheHandlerHasRun) {
  opened();
  const Operation reading = read();
  reactor().complete(shard->parts, reading.token, 64);  // as many as fit into the first one
  EXPECT_EQ(reactor().free_buffers(), kBuffers - 1);
  run();
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
  reactor().complete(shard->parts, read().token, 65);
  EXPECT_EQ(reactor().free_buffers(), kBuffers - 2);
}

TEST_F(Scattered, TheEndAndErrorsBringNoBuffer) {
  opened();
  arrive(read(), "");
  complete(read(), -EIO);
  EXPECT_EQ(ends(), (Ends{{"end", 0, {}}, {"error", EIO, {}}}));
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
}

TEST_F(Scattered, WithoutAFileNothingStarts) {
  order(Act::READ);
  EXPECT_EQ(ends(), (Ends{{"error", EBADF, {}}}));
  EXPECT_TRUE(platform.started.empty());
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
}

TEST_F(Scattered, ItsBuffersMayBeMovedOn) {
  opened();
  order(Act::COPY);
  arrive(take_started(OpCode::kReadScattered), std::string(130, 'x'));
  const Operation writing = take_started(OpCode::kWriteGathered);
  EXPECT_EQ(sizes(writing), (Sizes{64, 64, 2}));
  EXPECT_EQ(reactor().free_buffers(), kBuffers - 3);
  order(Act::ONE);  // the lane is free, and so are two buffers
  complete(take_started(OpCode::kRead), 7);
  complete(writing, 130);
  EXPECT_EQ(ends(), (Ends{{"read", 130, {64, 64, 2}}, {"one", 0, {7}}, {"written", 0, {130}}}));
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
}

TEST_F(Scattered, BuffersInTheKernelsHandsWaitForTheEndWhenTheIsolateCrashes) {
  opened();
  const Operation reading = read();
  order(Act::CRASH);
  EXPECT_EQ(reactor().free_buffers(), kBuffers - 3);
  EXPECT_TRUE(platform.closed.empty());
  complete(reading, 100);
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{50});
  EXPECT_EQ(ends(), Ends{});
}

TEST_F(Scattered, CloseEndsItAndBringsThemBack) {
  opened();
  const Operation reading = read();
  order(Act::CLOSE);
  EXPECT_EQ(platform.cancelled, std::vector<std::uint64_t>{reading.token.bits});
  EXPECT_EQ(reactor().free_buffers(), kBuffers - 3);
  complete(reading, -ECANCELED);
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
  opened();
  const Operation other = read();
  order(Act::REST);  // which does not list it
  complete(other, 192);
  EXPECT_EQ(reactor().free_buffers(), kBuffers - 3) << "the completion is held";
  order(Act::CLOSE);
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
  EXPECT_EQ(ends(), Ends{});
}

/// Orders and ends at random: every buffer is where its record says, and none is missing at last.
TEST_F(Scattered, FiftyThousandReadsLeaveNothingBehind) {
  std::uint64_t random = 1;
  const auto choose = [&](std::uint64_t n) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return (random >> 33) % n;
  };
  constexpr Act kActs[] = {Act::OPEN, Act::OPEN, Act::READ, Act::READ, Act::READ, Act::READ,
                           Act::READ, Act::COPY, Act::COPY, Act::ONE,  Act::CLOSE};
  std::uint64_t parked = 0;
  for (int i = 0; i < 50'000; ++i) {
    platform.now += 1'000'000'000;  // crashes by a busy lane stay below the restart limit
    const auto slot = static_cast<std::uint32_t>(choose(3));
    if (choose(3) == 0 && !platform.started.empty()) {
      const Operation some = platform.started[choose(platform.started.size())];
      std::erase_if(platform.started,
                    [&](const Operation& o) { return o.token.bits == some.token.bits; });
      std::size_t whole = some.op == OpCode::kRead ? some.size : 1;
      if (traits(some.op).lists) {
        whole = 0;
        for (const GatherPart& part : some.parts()) whole += part.size;
      }
      const bool fails = choose(4) == 0;
      complete(some, fails ? -EIO : static_cast<std::int32_t>(choose(whole + 1)));
    } else if ((type(kReader).meta[slot].flags & kLive) != 0) {
      const Act act = choose(50) == 0 ? Act::REST : kActs[choose(std::size(kActs))];
      order(act, slot, 0, static_cast<std::uint32_t>(choose(200)));
    }
    ASSERT_TRUE(blocks_add_up(shard->parts)) << i;
    parked = reactor().parked_total();
    scattered::ends.clear();
    crash_reasons();
  }
  EXPECT_GT(parked, 100u);
  for (const std::uint32_t slot : {0U, 1U, 2U}) {
    if ((type(kReader).meta[slot].flags & kLive) != 0) order(Act::CRASH, slot);
  }
  while (!platform.started.empty()) {
    const Operation last = platform.started.back();
    platform.started.pop_back();
    complete(last, -ECANCELED);
  }
  EXPECT_EQ(reactor().in_flight(), 0u);
  EXPECT_EQ(reactor().free_buffers(), kBuffers);
}

}  // namespace
}  // namespace tina::internal
