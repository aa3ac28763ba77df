// SPDX-License-Identifier: Apache-2.0
// Parity of accepting: one accept, one connection; those that come in between wait in the backlog;
// storms, resets before the accept, and descriptors that run out.
#include "parity.h"

#include <set>

namespace tina::parity {
namespace {

class TcpAccept : public Parity {};
TINA_IN_EVERY_WORLD(TcpAccept);

TEST_P(TcpAccept, WaitsForAConnection) {
  const Object listener = listen();
  accept(listener);
  EXPECT_TRUE(waits(listener, kAccept));
  const PeerId peer = world().connect(listener.port);
  const std::int32_t accepted = end(listener, kAccept);
  EXPECT_GE(accepted, 0);
  adopt(accepted);
  EXPECT_TRUE(until([&] { return world().seen(peer).connected; }));
}

TEST_P(TcpAccept, TakesAConnectionThatWaits) {
  const Object listener = listen();
  const PeerId peer = world().connect(listener.port);
  EXPECT_TRUE(until([&] { return world().seen(peer).connected; })) << "before anybody accepts";
  accepts(listener);
}

TEST_P(TcpAccept, TakesOneAtATime) {
  const Object listener = listen();
  for (int i = 0; i < 3; ++i) world().connect(listener.port);
  settle();
  std::set<std::int32_t> accepted;
  for (int i = 0; i < 3; ++i) accepted.insert(accepts(listener).descriptor);
  EXPECT_EQ(accepted.size(), 3U);
  accept(listener);
  EXPECT_TRUE(waits(listener, kAccept));
}

TEST_P(TcpAccept, SaysWhoHasConnected) {
  const Object listener = listen();
  world().connect(listener.port);
  accepts(listener);
  EXPECT_TRUE(from().is_v4());
  EXPECT_EQ(from().v4_host(), 0x7f000001U);
  EXPECT_NE(from().port, 0);
}

TEST_P(TcpAccept, GivesBytesThatCameBeforeTheAccept) {
  const Object listener = listen();
  const PeerId peer = world().connect(listener.port);
  EXPECT_TRUE(until([&] { return world().seen(peer).connected; }));
  world().send(peer, "early");
  settle();
  const Object stream = accepts(listener);
  EXPECT_EQ(receives(stream, 16), 5);
  EXPECT_EQ(last(), "early");
}

TEST_P(TcpAccept, GivesTheEndThatCameBeforeTheAccept) {
  const Object listener = listen();
  const PeerId peer = world().connect(listener.port);
  EXPECT_TRUE(until([&] { return world().seen(peer).connected; }));
  world().close(peer);
  settle();
  const Object stream = accepts(listener);
  EXPECT_EQ(receives(stream, 16), 0);
}

TEST_P(TcpAccept, GivesTheResetThatCameBeforeTheAccept) {
  const Object listener = listen();
  const PeerId peer = world().connect(listener.port);
  EXPECT_TRUE(until([&] { return world().seen(peer).connected; }));
  world().reset(peer);
  settle();
  const Object stream = accepts(listener);
  EXPECT_EQ(receives(stream, 16), -ECONNRESET);
}

TEST_P(TcpAccept, TakesAStormOfConnections) {
  constexpr int kPeers = 100;
  const Object listener = listen(128);
  std::vector<PeerId> peers;
  for (int i = 0; i < kPeers; ++i) peers.push_back(world().connect(listener.port));
  std::set<std::int32_t> accepted;
  for (int i = 0; i < kPeers; ++i) accepted.insert(accepts(listener).descriptor);
  EXPECT_EQ(accepted.size(), static_cast<std::size_t>(kPeers));
  for (const PeerId peer : peers) EXPECT_TRUE(until([&] { return world().seen(peer).connected; }));
}

TEST_P(TcpAccept, TakesAStormInWhichEverySecondResets) {
  constexpr int kPeers = 60;
  const Object listener = listen(128);
  std::vector<PeerId> peers;
  for (int i = 0; i < kPeers; ++i) peers.push_back(world().connect(listener.port));
  for (const PeerId peer : peers) EXPECT_TRUE(until([&] { return world().seen(peer).connected; }));
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (i % 2 == 0) world().reset(peers[i]);
    if (i % 2 == 1) world().send(peers[i], "alive");
  }
  settle();
  int alive = 0;
  int broken = 0;
  for (int i = 0; i < kPeers; ++i) {
    const Object stream = accepts(listener);
    const std::int32_t got = receives(stream, 16);
    (got == 5 ? alive : broken) += 1;
    EXPECT_TRUE(got == 5 || got == -ECONNRESET) << got;
  }
  EXPECT_EQ(alive, kPeers / 2);
  EXPECT_EQ(broken, kPeers / 2);
}

TEST_P(TcpAccept, ServesTwoListenersApart) {
  const Object one = listen();
  const Object two = listen();
  accept(one);
  accept(two);
  world().connect(two.port);
  adopt(end(two, kAccept));
  EXPECT_TRUE(waits(one, kAccept));
  world().connect(one.port);
  adopt(end(one, kAccept));
}

TEST_P(TcpAccept, RefusesASecondListenerOnThePort) {
  const Object listener = listen();
  EXPECT_EQ(opens_listener(listener.port), -EADDRINUSE);
}

TEST_P(TcpAccept, ListensAgainAfterAClose) {
  Object listener = listen();
  const std::uint16_t port = listener.port;
  world().connect(port);
  accepts(listener);
  close(listener);
  const std::int32_t again = opens_listener(port);
  EXPECT_GE(again, 0) << "the old connections do not hold the port";
  Object second = adopt(again);
  const PeerId peer = world().connect(port);
  accepts(second);
  EXPECT_TRUE(until([&] { return world().seen(peer).connected; }));
}

TEST_P(TcpAccept, RefusesWhoComesAfterTheClose) {
  Object listener = listen();
  const std::uint16_t port = listener.port;
  close(listener);
  const PeerId peer = world().connect(port);
  EXPECT_TRUE(until([&] { return world().seen(peer).refused; }));
}

TEST_P(TcpAccept, ResetsWhoWaitsInTheBacklogOfAClosedListener) {
  Object listener = listen();
  const PeerId peer = world().connect(listener.port);
  EXPECT_TRUE(until([&] { return world().seen(peer).connected; }));
  close(listener);
  EXPECT_TRUE(peer_reset(peer));
}

TEST_P(TcpAccept, EndsWhenTheListenerIsShut) {
  const Object listener = listen();
  accept(listener);
  EXPECT_TRUE(waits(listener, kAccept));
  shut(listener);
  EXPECT_EQ(end(listener, kAccept), -EINVAL);
}

TEST_P(TcpAccept, SaysThatDescriptorsHaveRunOut) {
  const Object listener = listen();
  const PeerId peer = world().connect(listener.port);
  EXPECT_TRUE(until([&] { return world().seen(peer).connected; }));
  world().exhaust_descriptors(true);
  accept(listener);
  EXPECT_EQ(end(listener, kAccept), -EMFILE);
}

TEST_P(TcpAccept, TakesTheConnectionWhenThereAreDescriptorsAgain) {
  const Object listener = listen();
  const PeerId peer = world().connect(listener.port);
  EXPECT_TRUE(until([&] { return world().seen(peer).connected; }));
  world().exhaust_descriptors(true);
  for (int i = 0; i < 3; ++i) {
    accept(listener);
    EXPECT_EQ(end(listener, kAccept), -EMFILE);
  }
  world().exhaust_descriptors(false);
  const Object stream = accepts(listener);
  world().send(peer, "patient");
  EXPECT_EQ(receives(stream, 16), 7);
}

TEST_P(TcpAccept, ServesThoseItHasWhileDescriptorsHaveRunOut) {
  const auto [stream, peer] = pair();
  world().exhaust_descriptors(true);
  world().send(peer, "ping");
  EXPECT_EQ(receives(stream, 16), 4);
  EXPECT_EQ(sends(stream, "pong"), 4);
  EXPECT_TRUE(peer_has(peer, "pong"));
}

TEST_P(TcpAccept, RefusesAListenerWithoutADescriptor) {
  const std::uint16_t port = world().free_port();
  world().exhaust_descriptors(true);
  EXPECT_EQ(opens_listener(port), -EMFILE);
}

TEST_P(TcpAccept, UsesADescriptorAgain) {
  for (int i = 0; i < 20; ++i) {
    auto [stream, peer] = pair();
    receive(stream, 16);
    world().send(peer, std::to_string(i));
    EXPECT_GT(end(stream, kRead), 0);
    EXPECT_EQ(last(), std::to_string(i)) << "nothing of an earlier connection";
    close(stream);
    EXPECT_TRUE(peer_ended(peer));
    world().close(peer);
  }
}

}  // namespace
}  // namespace tina::parity
