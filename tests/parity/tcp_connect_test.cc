// SPDX-License-Identifier: Apache-2.0
// Parity of connecting: to a peer that listens, to a listener of the system itself, to nobody, and
// to one that never answers.
#include "parity.h"

namespace tina::parity {
namespace {

class TcpConnect : public Parity {};
TINA_IN_EVERY_WORLD(TcpConnect);

TEST_P(TcpConnect, ReachesAPeerThatListens) {
  const auto [stream, peer] = outgoing();
  EXPECT_EQ(sends(stream, "hello"), 5);
  EXPECT_TRUE(peer_has(peer, "hello"));
  world().send(peer, "welcome");
  EXPECT_EQ(receives(stream, 16), 7);
  EXPECT_EQ(last(), "welcome");
}

TEST_P(TcpConnect, IsRefusedWhereNobodyListens) {
  const Object stream = open_stream();
  EXPECT_EQ(connects(stream, world().free_port()), -ECONNREFUSED);
}

TEST_P(TcpConnect, TriesAgainWithANewSocket) {
  for (int i = 0; i < 3; ++i) {
    Object stream = open_stream();
    EXPECT_EQ(connects(stream, world().free_port()), -ECONNREFUSED);
    close(stream);
  }
  const auto [stream, peer] = outgoing();
  EXPECT_EQ(sends(stream, "at last"), 7);
  EXPECT_TRUE(peer_has(peer, "at last"));
}

TEST_P(TcpConnect, ReachesAListenerOfTheSystem) {
  const Object listener = listen();
  const Object stream = open_stream();
  accept(listener);
  EXPECT_EQ(connects(stream, listener.port), 0);
  const Object other = adopt(end(listener, kAccept));
  EXPECT_EQ(sends(stream, "to itself"), 9);
  EXPECT_EQ(receives(other, 16), 9);
  EXPECT_EQ(last(), "to itself");
  EXPECT_EQ(sends(other, "and back"), 8);
  EXPECT_EQ(receives(stream, 16), 8);
  EXPECT_EQ(last(), "and back");
}

TEST_P(TcpConnect, CarriesMuchBetweenTwoOfTheSystem) {
  const Object listener = listen();
  const Object stream = open_stream();
  accept(listener);
  EXPECT_EQ(connects(stream, listener.port), 0);
  const Object other = adopt(end(listener, kAccept));
  const std::string all = pattern(2'000'000, 6);
  std::string got;
  for (std::size_t at = 0; at < all.size();) {
    const std::int32_t sent = sends(stream, all.substr(at, 40'000));
    ASSERT_GT(sent, 0);
    got += gather(other, static_cast<std::size_t>(sent), 65'536);
    at += static_cast<std::size_t>(sent);
  }
  EXPECT_TRUE(got == all);
}

TEST_P(TcpConnect, EndsBetweenTwoOfTheSystem) {
  const Object listener = listen();
  Object stream = open_stream();
  accept(listener);
  EXPECT_EQ(connects(stream, listener.port), 0);
  const Object other = adopt(end(listener, kAccept));
  receive(other, 16);
  close(stream);
  EXPECT_EQ(end(other, kRead), 0);
}

TEST_P(TcpConnect, WaitsForOneThatNeverAnswers) {
  const std::uint16_t port = world().silent_port();
  settle();
  const Object stream = open_stream();
  connect(stream, port);
  EXPECT_TRUE(waits(stream, kAll));
  cancel(stream, kAll);
  EXPECT_EQ(end(stream, kAll), -ECANCELED);
}

TEST_P(TcpConnect, IsGivenUpAndTriedElsewhere) {
  const std::uint16_t port = world().silent_port();
  settle();
  Object stream = open_stream();
  connect(stream, port);
  EXPECT_TRUE(waits(stream, kAll));
  cancel(stream, kAll);
  EXPECT_EQ(end(stream, kAll), -ECANCELED);
  close(stream);
  const auto [second, peer] = outgoing();
  EXPECT_EQ(sends(second, "better"), 6);
  EXPECT_TRUE(peer_has(peer, "better"));
}

TEST_P(TcpConnect, GoesOnBesideOneThatNeverAnswers) {
  const std::uint16_t port = world().silent_port();
  settle();
  const Object stream = open_stream();
  connect(stream, port);
  const auto [second, peer] = outgoing();
  world().send(peer, "meanwhile");
  EXPECT_EQ(receives(second, 16), 9);
  EXPECT_TRUE(waits(stream, kAll));
}

TEST_P(TcpConnect, SaysThatDescriptorsHaveRunOut) {
  world().exhaust_descriptors(true);
  EXPECT_EQ(opens_stream(), -EMFILE);
  world().exhaust_descriptors(false);
  outgoing();
}

TEST_P(TcpConnect, GivesWhatThePeerSaysAtOnce) {
  const auto [stream, peer] = outgoing();
  world().send(peer, "banner");
  world().finish(peer);
  settle();
  EXPECT_EQ(gather(stream, 6), "banner");
  EXPECT_EQ(receives(stream, 16), 0);
}

TEST_P(TcpConnect, GivesAResetRightAfterTheConnect) {
  const auto [stream, peer] = outgoing();
  EXPECT_TRUE(until([&] { return world().seen(peer).connected; }));
  world().reset(peer);
  settle();
  EXPECT_EQ(receives(stream, 16), -ECONNRESET);
}

TEST_P(TcpConnect, ReadsAndWritesAtOnce) {
  const auto [stream, peer] = outgoing();
  receive(stream, 16);
  EXPECT_EQ(sends(stream, "one way"), 7);
  EXPECT_TRUE(waits(stream, kRead));
  world().send(peer, "other way");
  EXPECT_EQ(end(stream, kRead), 9);
  EXPECT_TRUE(peer_has(peer, "one way"));
}

TEST_P(TcpConnect, EndsBothWays) {
  const auto [stream, peer] = outgoing();
  EXPECT_EQ(finishes(stream), 0);
  EXPECT_TRUE(peer_ended(peer));
  world().send(peer, "after your end");
  world().close(peer);
  EXPECT_EQ(gather(stream, 14), "after your end");
  EXPECT_EQ(receives(stream, 16), 0);
}

TEST_P(TcpConnect, ConnectsManyAtOnce) {
  constexpr int kStreams = 30;
  std::vector<std::pair<Object, PeerId>> all;
  for (int i = 0; i < kStreams; ++i) {
    std::uint16_t port = 0;
    const PeerId peer = world().listen(port);
    all.emplace_back(open_stream(), peer);
    connect(all.back().first, port);
  }
  for (const auto& [stream, peer] : all) EXPECT_EQ(end(stream, kAll), 0);
  for (const auto& [stream, peer] : all)
    EXPECT_EQ(sends(stream, std::to_string(peer)),
              static_cast<std::int32_t>(std::to_string(peer).size()));
  for (const auto& [stream, peer] : all) EXPECT_TRUE(peer_has(peer, std::to_string(peer)));
}

TEST_P(TcpConnect, IsRefusedForOneOfTwo) {
  std::uint16_t port = 0;
  const PeerId peer = world().listen(port);
  const Object lucky = open_stream();
  const Object unlucky = open_stream();
  connect(unlucky, world().free_port());
  connect(lucky, port);
  EXPECT_EQ(end(unlucky, kAll), -ECONNREFUSED);
  EXPECT_EQ(end(lucky, kAll), 0);
  EXPECT_EQ(sends(lucky, "x"), 1);
  EXPECT_TRUE(peer_has(peer, "x"));
}

}  // namespace
}  // namespace tina::parity
