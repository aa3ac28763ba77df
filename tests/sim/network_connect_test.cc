// SPDX-License-Identifier: Apache-2.0
// Connections that the system asks for in the simulated network: a peer or a listener of its own
// answers, or there is a reason that the socket is told; ends and resets reach the other side as
// they do the other way round.
#include "network_fixture.h"

namespace tina::sim {
namespace {

class NetworkConnectTest : public NetworkTest {
 protected:
  static constexpr std::uint32_t kSlot = 5;

  /// Starts a connect of a new socket.
  void ask(std::uint16_t port = kPort) {
    descriptor = network->open_stream(0);
    ASSERT_GE(descriptor, 0);
    operands[kSlot].address = net::Address::loopback(port);
    start(kSlot, OpCode::kConnect, descriptor);
  }
  /// A connection with peer 3, who listened.
  void connect_to_peer() {
    network->offer(3, kPort);
    ask();
    run();
    ASSERT_EQ(take(kSlot), 0);
    ASSERT_EQ(connected, 1);
  }
  /// A connection with a listener of the system; `accepted` is its other end.
  void connect_to_itself() {
    listener = listen(0, kPort, 8, false);
    start(0, OpCode::kAccept, listener);
    ask();
    run();
    ASSERT_EQ(take(kSlot), 0);
    accepted = take(0);
    ASSERT_GE(accepted, 0);
  }
  std::vector<std::byte> read_from(std::int32_t socket, std::int32_t& last) {
    descriptor = socket;
    return read_all(last);
  }
  /// Closes what is open, and nothing must be left.
  void close_all(std::initializer_list<std::int32_t> sockets) {
    for (const std::int32_t socket : sockets) network->close(0, socket);
    run();
    EXPECT_EQ(network->open_descriptors(), 0U);
    EXPECT_EQ(network->operations_in_flight(), 0U);
    EXPECT_EQ(failures, std::vector<std::string>{});
  }

  std::int32_t accepted = -1;
};

TEST_F(NetworkConnectTest, APeerThatListensTakesOneConnection) {
  make(none());
  connect_to_peer();
  network->connection(connection).end_expected = true;
  const auto there = pattern(5000, 1);
  const auto back = pattern(5000, 2);
  network->send(connection, back);
  network->finish(connection);
  std::int32_t last = -1;
  EXPECT_EQ(read_all(last), back);
  EXPECT_EQ(last, 0);
  send_all(there);
  EXPECT_EQ(received, there);

  const std::int32_t first = descriptor;
  ask();
  run();
  EXPECT_EQ(take(kSlot), -ECONNREFUSED) << "it listened for one";
  EXPECT_EQ(network->counts().connects, 2U);
  close_all({first, descriptor});
}

TEST_F(NetworkConnectTest, APeerKeepsItsSideOpenAfterTheSystemsEnd) {
  make(none());
  connect_to_peer();
  network->connection(connection).kept = true;
  start(6, OpCode::kFinish, descriptor);
  run();
  EXPECT_EQ(take(6), 0);
  EXPECT_EQ(ended, 1) << "told once";
  EXPECT_TRUE(closed.empty());
  network->send(connection, pattern(300, 1));
  network->finish(connection);
  run();
  EXPECT_EQ(closed, std::vector{Closed::kEnd}) << "both sides have ended";
  std::int32_t last = -1;
  EXPECT_EQ(read_all(last), pattern(300, 1));
  close_all({descriptor});
}

TEST_F(NetworkConnectTest, ConnectsTwoSocketsOfTheSystem) {
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    NetworkFaults faults = none();
    faults.short_read = faults.short_write = 1;
    make(faults, seed);
    results.clear();
    connect_to_itself();
    EXPECT_EQ(operands[0].address.v4_host(), 0x7f000001U);
    const std::int32_t mine = descriptor;
    const auto there = pattern(3000, 1);
    send_all(there);
    start(2, OpCode::kFinish, mine);
    run();
    EXPECT_EQ(take(2), 0);
    std::int32_t last = -1;
    EXPECT_EQ(read_from(accepted, last), there) << "seed " << seed;
    EXPECT_EQ(last, 0) << "the end of one direction";
    send_all(pattern(2000, 2));  // of the other one, which goes on
    EXPECT_FALSE(has(2));
    network->close(0, accepted);
    EXPECT_EQ(read_from(mine, last), pattern(2000, 2));
    EXPECT_EQ(last, 0);
    close_all({mine, listener});
  }
}

TEST_F(NetworkConnectTest, AReaderThatStopsStopsItsWriter) {
  make(none());
  connect_to_itself();
  const auto bytes = pattern(1'000'000, 3);
  std::size_t sent = 0;
  for (;;) {
    start(2, OpCode::kSend, descriptor, std::span(bytes).subspan(sent));
    run();
    if (!has(2)) break;
    sent += static_cast<std::size_t>(take(2));
  }
  EXPECT_LE(sent, std::size_t{4} * 64 * 1024);
  network->cancel(0, Token::make(0, 2, 0));
  run();
  EXPECT_EQ(take(2), -ECANCELED);
  close_all({descriptor, accepted, listener});
}

TEST_F(NetworkConnectTest, AResetOfOneEndReachesTheOther) {
  make(none());
  connect_to_itself();
  send_all(pattern(10, 1));
  network->close(0, accepted);  // over unread bytes
  std::int32_t last = 0;
  read_all(last);
  EXPECT_EQ(last, -ECONNRESET);
  close_all({descriptor, listener});
}

TEST_F(NetworkConnectTest, TellsWhyAConnectFails) {
  std::map<std::int32_t, int> reasons;
  int without_descriptor = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    NetworkFaults faults = none();
    faults.connect_error = 1;
    make(faults, seed);
    network->offer(0, kPort);
    const std::int32_t socket = network->open_stream(0);
    if (socket < 0) {
      EXPECT_EQ(socket, -EMFILE);
      ++without_descriptor;
      continue;
    }
    operands[kSlot].address = net::Address::loopback(kPort);
    start(kSlot, OpCode::kConnect, socket);
    run();
    ++reasons[take(kSlot)];
    close_all({socket});
  }
  EXPECT_GT(without_descriptor, 0);
  EXPECT_EQ(reasons.size(), 3U);
  for (const std::int32_t reason : {ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT}) {
    EXPECT_GT(reasons[-reason], 0);
  }
  EXPECT_EQ(connected, 0);
}

TEST_F(NetworkConnectTest, AnInjectedErrorEndsAConnect) {
  NetworkFaults faults = none();
  faults.io_error = 1;
  make(faults);
  network->offer(0, kPort);
  ask();
  run();
  EXPECT_EQ(take(kSlot), -EIO);
  close_all({descriptor});
}

TEST_F(NetworkConnectTest, ACancelledConnectCompletesOnceAndItsPeerIsLeftAlone) {
  int cancelled = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    make(none(), seed);
    results.clear();
    network->offer(0, kPort);
    ask();
    const std::uint64_t until = clock.now_ns() + 4000 * seed;
    while (!clock.idle() && clock.now_ns() < until) network->happen(clock.next());
    network->cancel(0, Token::make(0, kSlot, 0));
    run();
    const std::int32_t value = take(kSlot);
    ASSERT_TRUE(value == -ECANCELED || value == 0) << value;
    cancelled += value == -ECANCELED;
    if (connected > 0) network->connection(connection).end_expected = true;
    connected = 0;
    close_all({descriptor});
  }
  EXPECT_GT(cancelled, 10);
  EXPECT_LT(cancelled, 40);
}

TEST_F(NetworkConnectTest, ASocketThatIsClosedUnansweredLeavesNothingBehind) {
  make(none());
  listener = listen(0, kPort, 1, false);
  ask();
  const std::int32_t first = descriptor;
  network->shut(0, first);
  run();
  EXPECT_EQ(take(kSlot), -ECONNABORTED);
  close_all({first, listener});
}

}  // namespace
}  // namespace tina::sim
