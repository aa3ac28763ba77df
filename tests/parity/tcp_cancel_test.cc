// SPDX-License-Identifier: Apache-2.0
// Parity of cancelling: an operation that is cancelled ends exactly once, either as cancelled or as
// it would have; what it did not take is there for the next.
#include "parity.h"

namespace tina::parity {
namespace {

class TcpCancel : public Parity {};
TINA_IN_EVERY_WORLD(TcpCancel);

TEST_P(TcpCancel, EndsAReceiveThatWaits) {
  const auto [stream, peer] = pair();
  receive(stream, 16);
  EXPECT_TRUE(waits(stream, kRead));
  cancel(stream, kRead);
  EXPECT_EQ(end(stream, kRead), -ECANCELED);
}

TEST_P(TcpCancel, EndsAReceiveInThePassThatStartsIt) {
  const auto [stream, peer] = pair();
  receive(stream, 16);
  cancel(stream, kRead);
  EXPECT_EQ(end(stream, kRead), -ECANCELED);
}

TEST_P(TcpCancel, LeavesTheBytesForTheNextReceive) {
  const auto [stream, peer] = pair();
  receive(stream, 16);
  EXPECT_TRUE(waits(stream, kRead));
  cancel(stream, kRead);
  EXPECT_EQ(end(stream, kRead), -ECANCELED);
  world().send(peer, "kept");
  EXPECT_EQ(receives(stream, 16), 4);
  EXPECT_EQ(last(), "kept");
}

TEST_P(TcpCancel, LeavesTheStreamAsItIs) {
  const auto [stream, peer] = pair();
  for (int i = 0; i < 10; ++i) {
    receive(stream, 16);
    cancel(stream, kRead);
    EXPECT_EQ(end(stream, kRead), -ECANCELED);
  }
  EXPECT_EQ(sends(stream, "still up"), 8);
  EXPECT_TRUE(peer_has(peer, "still up"));
}

TEST_P(TcpCancel, EndsAnAcceptThatWaits) {
  const Object listener = listen();
  accept(listener);
  EXPECT_TRUE(waits(listener, kAccept));
  cancel(listener, kAccept);
  EXPECT_EQ(end(listener, kAccept), -ECANCELED);
  const PeerId peer = world().connect(listener.port);
  accepts(listener);
  EXPECT_TRUE(until([&] { return world().seen(peer).connected; }));
}

TEST_P(TcpCancel, EndsASendThatWaits) {
  const auto [stream, peer] = pair();
  world().hold(peer, true);
  for (;;) {
    send(stream, pattern(8'000'000));
    if (waits(stream, kWrite)) break;
    EXPECT_GT(end(stream, kWrite), 0);
  }
  cancel(stream, kWrite);
  EXPECT_EQ(end(stream, kWrite), -ECANCELED);
}

TEST_P(TcpCancel, EndsOneLaneOnly) {
  const auto [stream, peer] = pair();
  world().hold(peer, true);
  for (;;) {
    send(stream, pattern(8'000'000));
    if (waits(stream, kWrite)) break;
    EXPECT_GT(end(stream, kWrite), 0);
  }
  receive(stream, 16);
  EXPECT_TRUE(waits(stream, kRead));
  cancel(stream, kWrite);
  EXPECT_EQ(end(stream, kWrite), -ECANCELED);
  EXPECT_TRUE(waits(stream, kRead));
  world().send(peer, "read me");
  EXPECT_EQ(end(stream, kRead), 7);
}

TEST_P(TcpCancel, EndsOneOfManyStreams) {
  std::vector<Pair> pairs;
  for (int i = 0; i < 8; ++i) pairs.push_back(pair());
  for (const Pair& one : pairs) receive(one.stream, 16);
  settle();
  cancel(pairs[3].stream, kRead);
  EXPECT_EQ(end(pairs[3].stream, kRead), -ECANCELED);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i == 3) continue;
    world().send(pairs[i].peer, "go on");
    EXPECT_EQ(end(pairs[i].stream, kRead), 5);
  }
}

TEST_P(TcpCancel, ForgetsAnOperationThatHasEnded) {
  const auto [stream, peer] = pair();
  world().send(peer, "done");
  EXPECT_EQ(receives(stream, 16), 4);
  cancel(stream, kRead);
  settle();
  receive(stream, 16);
  EXPECT_TRUE(waits(stream, kRead)) << "the next one is another";
}

TEST_P(TcpCancel, EndsOnceWhenItIsCancelledTwice) {
  const auto [stream, peer] = pair();
  receive(stream, 16);
  settle();
  cancel(stream, kRead);
  cancel(stream, kRead);
  EXPECT_EQ(end(stream, kRead), -ECANCELED);
  settle();
}

TEST_P(TcpCancel, LosesNoByteInARaceWithBytes) {
  const auto [stream, peer] = pair();
  std::string all;
  std::string got;
  for (int i = 0; i < 30; ++i) {
    receive(stream, 64);
    if (i % 3 == 0) settle();
    const std::string more = pattern(static_cast<std::size_t>(1 + i), static_cast<unsigned>(i));
    world().send(peer, more);
    all += more;
    if (i % 2 == 0) pass();
    cancel(stream, kRead);
    const std::int32_t value = end(stream, kRead);
    EXPECT_TRUE(value == -ECANCELED || value > 0) << value;
    got += last();
  }
  got += gather(stream, all.size() - got.size());
  EXPECT_TRUE(got == all);
}

TEST_P(TcpCancel, LosesNoConnectionInARaceWithAPeer) {
  const Object listener = listen();
  int accepted = 0;
  constexpr int kPeers = 20;
  for (int i = 0; i < kPeers; ++i) {
    accept(listener);
    world().connect(listener.port);
    if (i % 2 == 0) pass();
    cancel(listener, kAccept);
    const std::int32_t value = end(listener, kAccept);
    EXPECT_TRUE(value == -ECANCELED || value >= 0) << value;
    if (value < 0) continue;
    ++accepted;
    adopt(value);
  }
  settle();
  for (; accepted < kPeers; ++accepted) accepts(listener);
  accept(listener);
  EXPECT_TRUE(waits(listener, kAccept));
}

TEST_P(TcpCancel, EndsAConnectOneWayOrTheOther) {
  for (int i = 0; i < 10; ++i) {
    std::uint16_t port = 0;
    world().listen(port);
    Object stream = open_stream();
    connect(stream, port);
    if (i % 2 == 0) pass();
    cancel(stream, kAll);
    const std::int32_t value = end(stream, kAll);
    EXPECT_TRUE(value == -ECANCELED || value == 0) << value;
    close(stream);
  }
}

TEST_P(TcpCancel, TearsAStreamDownInOrder) {
  auto [stream, peer] = pair();
  receive(stream, 16);
  settle();
  shut(stream);
  cancel(stream, kRead);
  const std::int32_t value = end(stream, kRead);
  EXPECT_TRUE(value == -ECANCELED || value == 0) << value;
  close(stream);
  EXPECT_TRUE(peer_ended(peer));
  EXPECT_FALSE(world().seen(peer).reset);
}

TEST_P(TcpCancel, TearsAListenerDownInOrderAndListensAgain) {
  Object listener = listen();
  const std::uint16_t port = listener.port;
  accept(listener);
  settle();
  shut(listener);
  cancel(listener, kAccept);
  const std::int32_t value = end(listener, kAccept);
  EXPECT_TRUE(value == -ECANCELED || value == -EINVAL) << value;
  close(listener);
  const Object again = adopt(opens_listener(port));
  world().connect(port);
  accepts(again);
}

TEST_P(TcpCancel, TearsAConnectDownInOrder) {
  const std::uint16_t port = world().silent_port();
  settle();
  Object stream = open_stream();
  connect(stream, port);
  settle();
  cancel(stream, kAll);
  EXPECT_EQ(end(stream, kAll), -ECANCELED);
  close(stream);
}

}  // namespace
}  // namespace tina::parity
