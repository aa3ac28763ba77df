// SPDX-License-Identifier: Apache-2.0
// The simulated network as a backend: bytes arrive exactly and in order however they are cut, every
// operation completes once, ends and resets reach the other side, and misuse of a descriptor is
// reported.
#include "network_fixture.h"

namespace tina::sim {
namespace {

TEST_F(NetworkTest, CarriesEveryByteInOrderThroughShortReadsAndWrites) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    NetworkFaults faults = none();
    faults.short_read = faults.short_write = 1;
    make(faults, seed);
    results.clear(), received.clear(), connected = 0;
    open();
    const auto there = pattern(5000, 1);
    const auto back = pattern(5000, 2);
    network->send(connection, there);
    network->finish(connection);
    std::int32_t last = -1;
    EXPECT_EQ(read_all(last), there) << "seed " << seed;
    EXPECT_EQ(last, 0);
    send_all(back);
    EXPECT_EQ(received, back) << "seed " << seed;
    EXPECT_GT(network->counts().short_reads, 0U);
    EXPECT_GT(network->counts().short_writes, 0U);
  }
}

TEST_F(NetworkTest, HoldsASenderBackWhenThePeerDoesNotRead) {
  make(none());
  open();
  network->hold(connection, true);
  const auto bytes = pattern(200'000, 3);
  std::size_t sent = 0;
  for (;;) {
    start(2, OpCode::kSend, descriptor, std::span(bytes).subspan(sent));
    run();
    if (!has(2)) break;
    sent += static_cast<std::size_t>(take(2));
  }
  EXPECT_LE(sent, std::size_t{64} * 1024);
  EXPECT_TRUE(received.empty());
  network->hold(connection, false);
  run();
  sent += static_cast<std::size_t>(take(2));
  EXPECT_EQ(received,
            std::vector(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(sent)));
}

TEST_F(NetworkTest, ShowsThePeersResetToTheReader) {
  make(none());
  open();
  std::vector<std::byte> buffer(10);
  start(1, OpCode::kReceive, descriptor, buffer);
  network->leave(connection, true);
  run();
  EXPECT_EQ(take(1), -ECONNRESET);
  EXPECT_TRUE(closed.empty());
}

TEST_F(NetworkTest, TellsThePeerOfAnEndAndOfAResetOverUnreadBytes) {
  make(none());
  open();
  network->connection(connection).end_expected = true;
  network->close(0, descriptor);
  run();
  EXPECT_EQ(closed, std::vector{Closed::kEnd});

  connected = 0;
  network->close(0, listener);
  open();
  network->connection(connection).end_expected = true;
  network->send(connection, pattern(5, 0));
  run();
  network->close(0, descriptor);
  run();
  EXPECT_EQ(closed.back(), Closed::kReset);
  EXPECT_TRUE(failures.empty());
}

TEST_F(NetworkTest, ReportsAConnectionThatDiesWithoutAFault) {
  make(none());
  open();
  network->close(0, descriptor);
  run();
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_NE(failures[0].find("died unexpectedly"), std::string::npos);
}

TEST_F(NetworkTest, ExcusesTheConnectionOfACrashedIsolateOnly) {
  make(none());
  open();
  start(4, OpCode::kReceive, descriptor, pattern(1, 0));
  run();
  network->shut(0, descriptor);
  network->isolate_crashed(0, 0, 5);
  EXPECT_FALSE(network->connection(connection).excused) << "another slot crashed";
  network->isolate_crashed(0, 0, 4);
  EXPECT_TRUE(network->connection(connection).excused);
}

TEST_F(NetworkTest, CompletesACancelledOperationOnce) {
  int cancelled = 0;
  int finished = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    make(none(), seed);
    results.clear(), connected = 0;
    open();
    std::vector<std::byte> buffer(10);
    network->send(connection, pattern(10, 0));
    if (seed % 2 == 0) run();  // the bytes are there, or still on their way
    start(1, OpCode::kReceive, descriptor, buffer);
    network->cancel(0, Token::make(0, 1, 0));
    run();
    const std::int32_t value = take(1);
    ASSERT_TRUE(value == -ECANCELED || value == 10) << value;
    ++(value == 10 ? finished : cancelled);
    EXPECT_EQ(network->operations_in_flight(), 0U);
  }
  EXPECT_GT(cancelled, 0);
  EXPECT_GT(finished, 0);
}

TEST_F(NetworkTest, RefusesASecondListenerUnlessBothShareThePort) {
  make(none());
  EXPECT_GE(listen(0, kPort, 8, false), 0);
  EXPECT_EQ(listen(1, kPort, 8, true), -EADDRINUSE);
  EXPECT_GE(listen(0, kPort + 1, 8, true), 0);
  EXPECT_GE(listen(1, kPort + 1, 8, true), 0);
}

TEST_F(NetworkTest, SpreadsConnectionsOverListenersThatShareAPort) {
  make(none());
  const std::int32_t listeners[] = {listen(0, kPort, 64, true), listen(0, kPort, 64, true)};
  std::uint32_t slot = 10;
  for (const std::int32_t on : listeners) start(slot++, OpCode::kAccept, on);
  for (std::uint32_t peer = 0; peer < 20; ++peer) network->connect(peer, kPort, 0x7f000001);
  run();
  EXPECT_GE(take(10), 0);
  EXPECT_GE(take(11), 0);
  EXPECT_EQ(connected, 20);
}

TEST_F(NetworkTest, RefusesAConnectionWhereNobodyListens) {
  make(none());
  network->connect(0, kPort, 0x7f000001);
  run();
  EXPECT_EQ(closed, std::vector{Closed::kRefused});
}

TEST_F(NetworkTest, ResetsWhatWaitsAtAListenerThatEnds) {
  make(none());
  const std::int32_t on = listen(0, kPort, 8, false);
  const std::uint32_t waiting = network->connect(0, kPort, 0x7f000001);
  run();
  network->connection(waiting).end_expected = true;
  start(1, OpCode::kAccept, listen(0, kPort + 1, 8, false));
  network->close(0, on);
  run();
  EXPECT_EQ(closed, std::vector{Closed::kReset});
}

TEST_F(NetworkTest, ReportsAStaleDescriptorAndAnOperationInFlight) {
  make(none());
  open();
  start(1, OpCode::kReceive, descriptor, pattern(1, 0));
  run();
  network->close(0, descriptor);
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_NE(failures[0].find("closed during an operation"), std::string::npos);
  network->close(0, descriptor);
  ASSERT_EQ(failures.size(), 2U);
  EXPECT_NE(failures[1].find("which is closed"), std::string::npos);
  network->shut(1, listener);
  EXPECT_EQ(failures.size(), 3U) << "another shard's descriptor";
}

TEST_F(NetworkTest, LosesAByteWhenTold) {
  NetworkFaults faults = none();
  faults.lost_byte = 100;
  make(faults);
  open();
  send_all(pattern(300, 1));
  EXPECT_EQ(received.size(), 299U);
}

}  // namespace
}  // namespace tina::sim
