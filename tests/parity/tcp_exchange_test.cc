// SPDX-License-Identifier: Apache-2.0
// Parity of whole exchanges: requests and answers, relays between two streams, many streams in one
// pass, and operations of both lanes that start together.
#include "parity.h"

namespace tina::parity {
namespace {

class TcpExchange : public Parity {};
TINA_IN_EVERY_WORLD(TcpExchange);

TEST_P(TcpExchange, AnswersEachRequest) {
  const auto [stream, peer] = pair();
  std::string heard;
  for (int i = 0; i < 50; ++i) {
    const std::string request = "request " + std::to_string(i);
    world().send(peer, request);
    EXPECT_EQ(receives(stream, 64), static_cast<std::int32_t>(request.size()));
    EXPECT_EQ(last(), request);
    const std::string answer = last() + ";";
    EXPECT_EQ(sends(stream, answer), static_cast<std::int32_t>(answer.size()));
    heard += answer;
  }
  EXPECT_TRUE(peer_has(peer, heard));
}

TEST_P(TcpExchange, StartsBothLanesInOnePass) {
  const auto [stream, peer] = pair();
  world().send(peer, "in");
  settle();
  receive(stream, 16);
  send(stream, "out");
  EXPECT_EQ(end(stream, kRead), 2);
  EXPECT_EQ(end(stream, kWrite), 3);
  EXPECT_TRUE(peer_has(peer, "out"));
}

TEST_P(TcpExchange, AcceptsWhileStreamsWork) {
  const Object listener = listen();
  accept(listener);
  const auto [stream, peer] = pair();
  receive(stream, 16);
  send(stream, "busy");
  world().connect(listener.port);
  world().send(peer, "too");
  adopt(end(listener, kAccept));
  EXPECT_EQ(end(stream, kWrite), 4);
  EXPECT_EQ(end(stream, kRead), 3);
}

TEST_P(TcpExchange, RelaysBothWays) {
  const auto [left, client] = pair();
  const auto [right, server] = outgoing();
  const std::string question = pattern(20'000, 8);
  const std::string answer = pattern(30'000, 9);
  world().send(client, question);
  for (std::size_t at = 0; at < question.size();) {
    ASSERT_GT(receives(left, 4096), 0);
    const std::string piece = last();
    ASSERT_EQ(sends_all(right, piece), piece.size());
    at += piece.size();
  }
  EXPECT_TRUE(peer_has(server, question));
  world().send(server, answer);
  EXPECT_TRUE(gather(right, answer.size()) == answer);
}

TEST_P(TcpExchange, RelaysAHalfClose) {
  const auto [left, client] = pair();
  const auto [right, server] = outgoing();
  world().send(client, "all there is");
  world().finish(client);
  EXPECT_EQ(gather(left, 12), "all there is");
  EXPECT_EQ(receives(left, 16), 0);
  EXPECT_EQ(sends(right, "all there is"), 12);
  EXPECT_EQ(finishes(right), 0);
  EXPECT_TRUE(peer_ended(server));
  world().send(server, "thanks");
  world().close(server);
  EXPECT_EQ(gather(right, 6), "thanks");
  EXPECT_EQ(receives(right, 16), 0);
  EXPECT_EQ(sends(left, "thanks"), 6);
  EXPECT_EQ(finishes(left), 0);
  EXPECT_TRUE(peer_has(client, "thanks"));
  EXPECT_TRUE(peer_ended(client));
}

TEST_P(TcpExchange, ServesManyStreamsInTurn) {
  constexpr std::size_t kStreams = 50;
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < kStreams; ++i) pairs.push_back(pair());
  for (int round = 0; round < 5; ++round) {
    for (const Pair& one : pairs) receive(one.stream, 32);
    for (std::size_t i = 0; i < kStreams; ++i) {
      world().send(pairs[i].peer, std::to_string(round * 1000 + static_cast<int>(i)));
    }
    for (std::size_t i = 0; i < kStreams; ++i) {
      EXPECT_GT(end(pairs[i].stream, kRead), 0);
      EXPECT_EQ(last(), std::to_string(round * 1000 + static_cast<int>(i)));
      send(pairs[i].stream, last());
    }
    for (const Pair& one : pairs) EXPECT_GT(end(one.stream, kWrite), 0);
  }
}

TEST_P(TcpExchange, GoesOnWhileOthersAreReset) {
  constexpr std::size_t kStreams = 20;
  std::vector<Pair> pairs;
  for (std::size_t i = 0; i < kStreams; ++i) pairs.push_back(pair());
  for (const Pair& one : pairs) receive(one.stream, 32);
  for (std::size_t i = 0; i < kStreams; i += 2) world().reset(pairs[i].peer);
  for (std::size_t i = 1; i < kStreams; i += 2) world().send(pairs[i].peer, "well");
  for (std::size_t i = 0; i < kStreams; ++i) {
    EXPECT_EQ(end(pairs[i].stream, kRead), i % 2 == 0 ? -ECONNRESET : 4);
  }
}

TEST_P(TcpExchange, SlowsDownAndSpeedsUp) {
  const auto [stream, peer] = pair();
  const std::string all = pattern(3'000'000, 7);
  std::size_t at = 0;
  for (int turn = 0; turn < 4; ++turn) {
    world().hold(peer, true);
    for (bool full = false; !full && at < all.size();) {
      send(stream, all.substr(at, 500'000));
      full = waits(stream, kWrite);
      if (full) world().hold(peer, false);
      const std::int32_t sent = end(stream, kWrite);
      ASSERT_GT(sent, 0);
      at += static_cast<std::size_t>(sent);
    }
    world().hold(peer, false);
    EXPECT_TRUE(until([&] { return world().seen(peer).bytes.size() == at; }));
  }
  EXPECT_TRUE(world().seen(peer).bytes == all.substr(0, at));
}

TEST_P(TcpExchange, LosesNothingBetweenCloseAndTheNextConnection) {
  for (int i = 0; i < 10; ++i) {
    auto [stream, peer] = pair();
    const std::string text = pattern(2000, static_cast<unsigned>(i));
    EXPECT_EQ(sends_all(stream, text), text.size());
    close(stream);
    EXPECT_TRUE(peer_ended(peer));
    EXPECT_TRUE(world().seen(peer).bytes == text);
    world().close(peer);
  }
}

TEST_P(TcpExchange, ReachesItselfOverIPv6) {
  const net::Address own = net::Address::v6({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0);
  const Object listener = listen();
  const std::int32_t opened = opens_stream(own);
  if (opened == -EAFNOSUPPORT) GTEST_SKIP() << "no IPv6 here";
  const Object stream = adopt(opened);
  net::Address to = own;
  to.port = listener.port;
  connect(stream, to);
  const std::int32_t connected = end(stream, kAll);
  if (connected == -EADDRNOTAVAIL || connected == -ENETUNREACH) GTEST_SKIP() << "no ::1 here";
  EXPECT_EQ(connected, 0);
  const Object other = accepts(listener);
  EXPECT_EQ(sends(stream, "six"), 3);
  EXPECT_EQ(receives(other, 16), 3);
  EXPECT_EQ(last(), "six");
}

TEST_P(TcpExchange, FillsBothDirectionsAndEmptiesThem) {
  const auto [stream, peer] = pair();
  const std::string all = pattern(500'000, 4);
  world().send(peer, all);  // the system does not read yet
  world().hold(peer, true);
  std::size_t sent_all = 0;
  for (;;) {
    send(stream, pattern(500'000, 5));
    if (waits(stream, kWrite)) break;
    sent_all += static_cast<std::size_t>(end(stream, kWrite));
    if (sent_all > 50'000'000) break;
  }
  EXPECT_TRUE(gather(stream, all.size(), 65'536) == all) << "reads though its sends are stuck";
  EXPECT_TRUE(waits(stream, kWrite));
  world().hold(peer, false);
  const std::int32_t sent = end(stream, kWrite);
  EXPECT_GT(sent, 0);
  sent_all += static_cast<std::size_t>(sent);
  EXPECT_TRUE(until([&] { return world().seen(peer).bytes.size() == sent_all; }));
}

}  // namespace
}  // namespace tina::parity
