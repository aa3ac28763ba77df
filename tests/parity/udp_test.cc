// SPDX-License-Identifier: Apache-2.0
// Parity of UDP sockets: datagrams stay whole, or are cut off and say so; errors are results, those
// of earlier datagrams too; and a socket can be opened, connected and closed again.
#include <set>
#include <string>

#include "parity.h"

namespace tina::parity {
namespace {

class Udp : public Parity {
 protected:
  static internal::IoTable io() { return table(internal::IoKind::kUdpSocket); }

  Object open(net::Address at) {
    const std::int32_t opened = world().calls().open(world().backend(), {io(), at, OpCode::kBind});
    EXPECT_GE(opened, 0);
    return keep(opened, at.port);
  }
  Object open() { return open(net::Address::loopback(world().free_port())); }
  Object connect_to(std::uint16_t port) {
    const Object socket =
        keep(world().calls().open(world().backend(),
                                  {io(), net::Address::loopback(port), OpCode::kConnect}),
             0);
    EXPECT_EQ(connects(socket, port), 0);
    return socket;
  }
  void receive_from(const Object& socket, std::size_t size) {
    start(socket, kRead, OpCode::kReceiveFrom, std::string(size, '.'), size);
  }
  std::int32_t receives_from(const Object& socket, std::size_t size) {
    receive_from(socket, size);
    return end(socket, kRead);
  }
  std::int32_t sends_to(const Object& socket, std::uint16_t port, std::string bytes) {
    const std::size_t size = bytes.size();
    start(socket, kWrite, OpCode::kSendTo, std::move(bytes), size, net::Address::loopback(port));
    return end(socket, kWrite);
  }
  std::int32_t sends_datagram(const Object& socket, std::string bytes) {
    const std::size_t size = bytes.size();
    start(socket, kWrite, OpCode::kSendDatagram, std::move(bytes), size);
    return end(socket, kWrite);
  }
};
TINA_IN_EVERY_WORLD(Udp);

TEST_P(Udp, WaitsForADatagram) {
  const Object taker = open();
  const Object sender = open();
  receive_from(taker, 64);
  EXPECT_TRUE(waits(taker, kRead));
  EXPECT_EQ(sends_to(sender, taker.port, "hello"), 5);
  EXPECT_EQ(end(taker, kRead), 5);
  EXPECT_EQ(last(), "hello");
  EXPECT_FALSE(cut_off());
}

TEST_P(Udp, WaitsForADatagramWithoutABuffer) {
  const Object taker = open();
  const Object sender = open();
  await(taker);
  EXPECT_TRUE(waits(taker, kRead));
  EXPECT_EQ(sends_to(sender, taker.port, "hello"), 5);
  EXPECT_GE(end(taker, kRead), 0);
  EXPECT_EQ(receives_from(taker, 64), 5);
  await(taker);
  EXPECT_TRUE(waits(taker, kRead)) << "it was the only one";
}

TEST_P(Udp, NeedsNotWaitForADatagramThatIsThere) {
  const Object taker = open();
  const Object sender = open();
  EXPECT_EQ(sends_to(sender, taker.port, ""), 0);
  EXPECT_EQ(sends_to(sender, taker.port, "one"), 3);
  settle();
  for (int left = 2; left > 0; --left) {
    await(taker);
    EXPECT_GE(end(taker, kRead), 0);
    EXPECT_GE(receives_from(taker, 64), 0);
  }
}

TEST_P(Udp, EndsAWaitThatIsCancelled) {
  const Object taker = open();
  await(taker);
  EXPECT_TRUE(waits(taker, kRead));
  cancel(taker, kRead);
  EXPECT_EQ(end(taker, kRead), -ECANCELED);
}

TEST_P(Udp, EndsAWaitWhenTheSocketIsShut) {
  const Object taker = open();
  await(taker);
  EXPECT_TRUE(waits(taker, kRead));
  shut(taker);
  EXPECT_GE(end(taker, kRead), 0);
}

TEST_P(Udp, EndsAWaitByTheErrorOfAnEarlierDatagram) {
  const Object socket = connect_to(world().free_port());
  await(socket);
  EXPECT_TRUE(waits(socket, kRead));
  EXPECT_EQ(sends_datagram(socket, "x"), 1);
  EXPECT_GE(end(socket, kRead), 0);
  receive_from(socket, 64);
  EXPECT_EQ(end(socket, kRead), -ECONNREFUSED);
}

TEST_P(Udp, SaysWhoHasSentADatagram) {
  const Object taker = open();
  const Object sender = open();
  EXPECT_EQ(sends_to(sender, taker.port, "from"), 4);
  EXPECT_EQ(receives_from(taker, 64), 4);
  EXPECT_EQ(from(), net::Address::loopback(sender.port));
}

TEST_P(Udp, KeepsDatagramsApart) {
  const Object taker = open();
  const Object sender = open();
  for (const char* text : {"one", "two"}) EXPECT_EQ(sends_to(sender, taker.port, text), 3);
  settle();
  std::set<std::string> heard;
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(receives_from(taker, 64), 3);
    heard.insert(last());
  }
  EXPECT_EQ(heard, (std::set<std::string>{"one", "two"}));
}

TEST_P(Udp, CutsOffWhatIsLongerThanTheBuffer) {
  const Object taker = open();
  const Object sender = open();
  const std::string text = pattern(100);
  EXPECT_EQ(sends_to(sender, taker.port, text), 100);
  EXPECT_EQ(receives_from(taker, 99), 99);
  EXPECT_EQ(last(), text.substr(0, 99));
  EXPECT_TRUE(cut_off());
  EXPECT_EQ(sends_to(sender, taker.port, text), 100);
  EXPECT_EQ(receives_from(taker, 100), 100);
  EXPECT_FALSE(cut_off()) << "it just fits, and nothing is left of the one before";
}

TEST_P(Udp, ReceivesAnEmptyDatagram) {
  const Object taker = open();
  const Object sender = open();
  EXPECT_EQ(sends_to(sender, taker.port, ""), 0);
  EXPECT_EQ(receives_from(taker, 64), 0);
  EXPECT_EQ(from(), net::Address::loopback(sender.port));
}

TEST_P(Udp, SendsTheLargestDatagramAndNoneLarger) {
  const Object taker = open();
  const Object sender = open();
  EXPECT_EQ(sends_to(sender, taker.port, std::string(65507, 'x')), 65507);
  EXPECT_EQ(receives_from(taker, 65536), 65507);
  EXPECT_EQ(sends_to(sender, taker.port, std::string(65508, 'x')), -EMSGSIZE);
  EXPECT_EQ(sends_to(sender, taker.port, "fits"), 4) << "the error was that one's alone";
}

TEST_P(Udp, SendsToPortZeroNot) { EXPECT_EQ(sends_to(open(), 0, "x"), -EINVAL); }

TEST_P(Udp, LosesWhatNobodyTakesWithoutAWord) {
  const Object sender = open();
  const std::uint16_t nobody = world().free_port();
  EXPECT_EQ(sends_to(sender, nobody, "x"), 1);
  settle();
  EXPECT_EQ(sends_to(sender, nobody, "x"), 1) << "it is not connected";
}

TEST_P(Udp, SendsWithoutAnAddressOnlyWhenConnected) {
  EXPECT_EQ(sends_datagram(open(), "x"), -EDESTADDRREQ);
  const Object taker = open();
  const Object sender = connect_to(taker.port);
  EXPECT_EQ(sends_datagram(sender, "yes"), 3);
  EXPECT_EQ(receives_from(taker, 64), 3);
  EXPECT_EQ(last(), "yes");
}

TEST_P(Udp, TellsAConnectedSenderThatNobodyTakesIt) {
  const Object sender = connect_to(world().free_port());
  EXPECT_EQ(sends_datagram(sender, "x"), 1);
  settle();
  EXPECT_EQ(sends_datagram(sender, "x"), -ECONNREFUSED);
}

TEST_P(Udp, TellsAConnectedReaderThatNobodyTakesIt) {
  const Object socket = connect_to(world().free_port());
  receive_from(socket, 64);
  EXPECT_TRUE(waits(socket, kRead));
  EXPECT_EQ(sends_datagram(socket, "x"), 1);
  EXPECT_EQ(end(socket, kRead), -ECONNREFUSED);
  receive_from(socket, 64);
  EXPECT_TRUE(waits(socket, kRead)) << "the error is told once";
}

TEST_P(Udp, HearsOnlyThePeerWhenConnected) {
  const Object peer = open();
  const Object stranger = open();
  const Object socket = connect_to(peer.port);
  EXPECT_EQ(sends_datagram(socket, "who"), 3);
  EXPECT_EQ(receives_from(peer, 64), 3);
  const std::uint16_t port = from().port;
  receive_from(socket, 64);
  EXPECT_EQ(sends_to(stranger, port, "stranger"), 8);
  EXPECT_TRUE(waits(socket, kRead));
  EXPECT_EQ(sends_to(peer, port, "peer"), 4);
  EXPECT_EQ(end(socket, kRead), 4);
  EXPECT_EQ(last(), "peer");
}

TEST_P(Udp, SendsAndReceivesAtTheSameTime) {
  const Object one = open();
  const Object two = open();
  receive_from(one, 64);
  receive_from(two, 64);
  EXPECT_EQ(sends_to(one, two.port, "to two"), 6);
  EXPECT_EQ(sends_to(two, one.port, "to one"), 6);
  EXPECT_EQ(end(one, kRead), 6);
  EXPECT_EQ(last(), "to one");
  EXPECT_EQ(end(two, kRead), 6);
  EXPECT_EQ(last(), "to two");
}

TEST_P(Udp, EndsAReceiveThatIsCancelled) {
  const Object taker = open();
  receive_from(taker, 64);
  EXPECT_TRUE(waits(taker, kRead));
  cancel(taker, kRead);
  EXPECT_EQ(end(taker, kRead), -ECANCELED);
}

TEST_P(Udp, RefusesASecondSocketOnThePort) {
  const Object taker = open();
  EXPECT_EQ(opens(io(), net::Address::loopback(taker.port)), -EADDRINUSE);
}

TEST_P(Udp, TakesThePortAgainAfterAClose) {
  Object taker = open();
  const std::uint16_t port = taker.port;
  close(taker);
  const Object again = open(net::Address::loopback(port));
  const Object sender = open();
  EXPECT_EQ(sends_to(sender, port, "again"), 5);
  EXPECT_EQ(receives_from(again, 64), 5);
}

TEST_P(Udp, ForgetsWhatWasNotReceivedWhenItIsClosed) {
  Object taker = open();
  const std::uint16_t port = taker.port;
  EXPECT_EQ(sends_to(open(), port, "lost"), 4);
  settle();
  close(taker);
  const Object again = open(net::Address::loopback(port));
  receive_from(again, 64);
  EXPECT_TRUE(waits(again, kRead));
}

TEST_P(Udp, RefusesASocketWithoutADescriptor) {
  const std::uint16_t port = world().free_port();
  world().exhaust_descriptors(true);
  EXPECT_EQ(opens(io(), net::Address::loopback(port)), -EMFILE);
}

}  // namespace
}  // namespace tina::parity
