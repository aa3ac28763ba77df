// SPDX-License-Identifier: Apache-2.0
// The goal: an operation has exactly one completion, a buffer exactly one owner, a descriptor
// exactly one close, whatever the handler, the kernel or the peer does, and in whatever order.
#include "shard_fixture.h"

namespace tina::internal {
namespace {

using probe::contract::kStream;

class Reactors : public ProbeShard {
 protected:
  /// Accepts a connection on `descriptor`; a Stream owns it afterwards.
  void connect(std::int32_t descriptor = 7) {
    if (shard == nullptr) boot();
    accept(descriptor);
    ASSERT_EQ(seen("stream.init"), ++streams_);
  }
  int started(OpCode op) const {
    return static_cast<int>(std::count_if(platform.started.begin(), platform.started.end(),
                                          [op](const Operation& o) { return o.op == op; }));
  }
  /// Two receives have the two buffers, and bytes are there for descriptor 8, which waits for one.
  void park_eighth() {
    connect(7);
    connect(8);
    connect(9);
    complete(take_started(OpCode::kAwait), 1);
    complete(take_started(OpCode::kAwait), 1);
    EXPECT_EQ(reactor().free_buffers(), 0u);
    EXPECT_EQ(reactor().parked_total(), 1u);
  }
  Reactor& reactor() { return shard->parts.reactor; }
  int streams_ = 0;
};

TEST_F(Reactors, EchoesTheBufferItReceived) {
  connect();
  deliver("hello");
  const Operation send = take_started(OpCode::kSend);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(send.data), send.size), "hello");
  EXPECT_EQ(send.descriptor, 7);
  EXPECT_EQ(reactor().free_buffers(), 1u) << "the buffer belongs to the send";
  complete(send, 5);
  EXPECT_EQ(seen("stream.sent"), 1);
  EXPECT_EQ(reactor().free_buffers(), 1u) << "the next receive holds it";
}

TEST_F(Reactors, ContinuesAPartialSendToItsLastByte) {
  connect();
  deliver("hello");
  Operation send = take_started(OpCode::kSend);
  complete(send, 2);
  send = take_started(OpCode::kSend);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(send.data), send.size), "llo");
  complete(send, -EAGAIN);
  send = take_started(OpCode::kSend);
  EXPECT_EQ(send.size, 3u);
  complete(send, 3);
  EXPECT_EQ(probe::seen.back(), (std::pair<std::string, std::uint64_t>("stream.sent", 5)));
}

TEST_F(Reactors, ASendThatFailsIsAResult) {
  connect();
  deliver("hello");
  complete(take_started(OpCode::kSend), -ECONNRESET);
  EXPECT_EQ(seen("stream.sent"), 1);
  EXPECT_EQ(type(kStream).live, 0u);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{7});
  EXPECT_EQ(reactor().free_buffers(), 2u);
}

TEST_F(Reactors, ThePeersEndIsAResultWithoutABuffer) {
  connect();
  complete(take_started(OpCode::kReceive), 0);
  EXPECT_EQ(type(kStream).live, 0u);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{7});
  EXPECT_EQ(reactor().free_buffers(), 2u);
}

TEST_F(Reactors, TakesBackABufferThatTheHandlerLeaves) {
  connect();
  for (int i = 0; i < 10; ++i) deliver("Drop");
  EXPECT_EQ(reactor().free_buffers(), 2u) << "the next receive waits for its bytes first";
  EXPECT_EQ(seen("stream.received"), 10);
}

TEST_F(Reactors, AReceiveThatRestsLeavesHalfOfTheBuffers) {
  connect(7);
  connect(8);
  connect(9);
  EXPECT_EQ(reactor().free_buffers(), 1u);
  EXPECT_EQ(started(OpCode::kReceive), 1);
  EXPECT_EQ(started(OpCode::kAwait), 2);
  EXPECT_EQ(reactor().in_flight(), 4u) << "with the listener's accept";
  complete(take_started(OpCode::kAwait), 1);  // bytes have come for descriptor 9
  const Operation receive = take_started(OpCode::kReceive);
  EXPECT_EQ(receive.descriptor, 9);
  EXPECT_EQ(receive.size, 64u);
  EXPECT_EQ(reactor().free_buffers(), 0u);
  EXPECT_EQ(reactor().parked_total(), 0u);
}

TEST_F(Reactors, ParksAReceiveWhoseBytesFindNoBufferAndResumesIt) {
  park_eighth();
  EXPECT_EQ(started(OpCode::kReceive), 2);
  deliver("Echo");  // of descriptor 9, which ends and frees its buffer
  EXPECT_EQ(type(kStream).live, 2u);
  const Operation resumed = take_started(OpCode::kReceive);
  EXPECT_EQ(resumed.descriptor, 8);
  complete(resumed, -ECONNRESET);
  EXPECT_EQ(reactor().free_buffers(), 1u);
}

TEST_F(Reactors, AnEndWhileItWaitsWithoutABufferIsAResult) {
  connect(7);
  connect(8);
  complete(take_started(OpCode::kAwait), -ECONNRESET);
  EXPECT_EQ(type(kStream).live, 1u);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{8});
  EXPECT_EQ(reactor().free_buffers(), 1u);
}

TEST_F(Reactors, WhatWaitsWithoutABufferIsCancelledWithItsIsolate) {
  connect(7);
  connect(8);
  const Operation waits = take_started(OpCode::kAwait);
  end_isolate(shard->parts, type(kStream), waits.token.slot(), Exit::kCrashed);
  EXPECT_EQ(platform.cancelled, std::vector<std::uint64_t>{waits.token.bits});
  complete(waits, 1);  // the bytes won the race against the cancel
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{8});
  EXPECT_EQ(reactor().free_buffers(), 1u);
  EXPECT_EQ(reactor().in_flight(), 2u);
}

TEST_F(Reactors, APartialReceiveNeverExceedsItsBuffer) {
  connect();
  const Operation receive = take_started(OpCode::kReceive);
  EXPECT_EQ(receive.size, 64u);
}

TEST_F(Reactors, ATimerDuringAPendingReceiveLosesNoBytes) {
  connect();
  deliver("Wait");
  run_for(6);
  EXPECT_EQ(seen("stream.pause"), 1);
  deliver("Wait");  // into the receive that was pending all the time
  EXPECT_EQ(probe::seen.back(), (std::pair<std::string, std::uint64_t>("stream.received", 4)));
  // Both in one pass: neither takes the place of the other.
  platform.now += 6'000'000;
  deliver("five!");
  EXPECT_EQ(seen("stream.pause"), 2);
  EXPECT_EQ(seen("stream.received"), 3);
  const Operation send = take_started(OpCode::kSend);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(send.data), send.size), "five!");
  EXPECT_TRUE(platform.cancelled.empty());
}

TEST_F(Reactors, StartingALaneTwiceIsAnIsolateFault) {
  connect();
  deliver("Twice");
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{"lane_busy"});
  EXPECT_EQ(type(kStream).live, 0u);
  // The first of the two is in the kernel: its slot and buffer wait for it.
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{});
  EXPECT_EQ(platform.shut, std::vector<std::int32_t>{7});
  complete(take_started(OpCode::kAwait), -ECANCELED);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{7});
  EXPECT_EQ(reactor().free_buffers(), 2u);
  EXPECT_EQ(type(kStream).free_count, type(kStream).slots);
}

TEST_F(Reactors, SendsAnIsolatesOwnBytes) {
  connect();
  deliver("Own");
  const Operation send = take_started(OpCode::kSend);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(send.data), send.size), "own bytes");
}

TEST_F(Reactors, RefusesToSendBytesThatAreNotTheIsolatesOwn) {
  connect();
  deliver("X");
  EXPECT_EQ(crash_reasons(), std::vector<std::string>{"send_outside_state"});
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{7});
}

TEST_F(Reactors, ACrashedStreamIsShutAtOnceAndClosedAfterItsLastCompletion) {
  connect();
  const Operation receive = take_started(OpCode::kReceive);
  const std::uint32_t slot = receive.token.slot();
  end_isolate(shard->parts, type(kStream), slot, Exit::kCrashed);
  EXPECT_EQ(platform.shut, std::vector<std::int32_t>{7});
  EXPECT_EQ(platform.cancelled, std::vector<std::uint64_t>{receive.token.bits});
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{});
  EXPECT_EQ(type(kStream).free_count, type(kStream).slots - 1) << "quarantined";
  complete(receive, 5);  // the bytes won the race against the cancel
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{7});
  EXPECT_EQ(type(kStream).free_count, type(kStream).slots);
  EXPECT_EQ(reactor().free_buffers(), 2u);
  EXPECT_EQ(reactor().in_flight(), 1u) << "the listener's accept only";
}

TEST_F(Reactors, AParkedReceiveOfAnEndedIsolateIsForgotten) {
  park_eighth();
  const auto parked = static_cast<std::uint32_t>(1);
  end_isolate(shard->parts, type(kStream), parked, Exit::kKilled);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{8});
  deliver("Echo");
  EXPECT_EQ(reactor().free_buffers(), 1u) << "nobody waits for it";
}

TEST_F(Reactors, AnUnclaimedConnectionIsClosed) {
  boot();
  platform.next_peer.port = 14;  // the handler leaves the stream in the message
  accept(31);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{31});
}

TEST_F(Reactors, AConnectionThatFindsNoSlotIsClosedAndCounted) {
  connect(7);
  connect(8);
  connect(9);
  accept(10);
  EXPECT_EQ(platform.closed, std::vector<std::int32_t>{10});
  EXPECT_EQ(type(kStream).count.spawn_full, 1u);
  EXPECT_EQ(type(kStream).live, 3u);
}

TEST_F(Reactors, AHundredThousandConnectionsLeaveNothingBehind) {
  boot();
  std::uint64_t random = 1;
  for (std::int32_t i = 0; i < 100'000; ++i) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    accept(1000 + i);
    const Operation receive = take_started(OpCode::kReceive);
    switch ((random >> 33) % 4) {
      case 0:
        complete(receive, 0);
        break;
      case 1:
        complete(receive, -ECONNRESET);
        break;
      case 2:
        end_isolate(shard->parts, type(kStream), receive.token.slot(), Exit::kKilled);
        complete(receive, -ECANCELED);
        break;
      default:
        *const_cast<std::byte*>(receive.data) = std::byte{'e'};
        complete(receive, 1);
        complete(take_started(OpCode::kSend), -EPIPE);
        break;
    }
    probe::seen.clear();
    crash_reasons();
  }
  EXPECT_EQ(platform.closed.size(), 100'000u);
  EXPECT_EQ(reactor().free_buffers(), 2u);
  EXPECT_EQ(reactor().in_flight(), 1u);
  EXPECT_EQ(type(kStream).free_count, type(kStream).slots);
}

}  // namespace
}  // namespace tina::internal
