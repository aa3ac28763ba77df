// SPDX-License-Identifier: Apache-2.0
// Parity of ends: half-close from either side, close, reset at each phase of a connection, and what
// either side sees of it.
#include "parity.h"

namespace tina::parity {
namespace {

class TcpEnd : public Parity {};
TINA_IN_EVERY_WORLD(TcpEnd);

TEST_P(TcpEnd, GivesTheEndToAReceiveThatWaits) {
  const auto [stream, peer] = pair();
  receive(stream, 16);
  EXPECT_TRUE(waits(stream, kRead));
  world().finish(peer);
  EXPECT_EQ(end(stream, kRead), 0);
}

TEST_P(TcpEnd, GivesTheEndAfterTheBytes) {
  const auto [stream, peer] = pair();
  world().send(peer, "last words");
  world().finish(peer);
  settle();
  EXPECT_EQ(receives(stream, 64), 10);
  EXPECT_EQ(last(), "last words");
  EXPECT_EQ(receives(stream, 64), 0);
}

TEST_P(TcpEnd, GivesTheEndEachTimeItIsAsked) {
  const auto [stream, peer] = pair();
  world().finish(peer);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(receives(stream, 16), 0);
}

TEST_P(TcpEnd, GivesTheEndAfterExactlyFullReceives) {
  const auto [stream, peer] = pair();
  world().send(peer, "abcdef");
  world().finish(peer);
  settle();
  EXPECT_EQ(receives(stream, 3), 3);
  EXPECT_EQ(receives(stream, 3), 3);
  EXPECT_EQ(receives(stream, 3), 0);
}

TEST_P(TcpEnd, GivesTheEndOfAPeerThatCloses) {
  const auto [stream, peer] = pair();
  world().send(peer, "bye");
  world().close(peer);
  EXPECT_EQ(gather(stream, 3), "bye");
  EXPECT_EQ(receives(stream, 16), 0);
}

TEST_P(TcpEnd, EndsItsOwnSideAndGoesOnReading) {
  const auto [stream, peer] = pair();
  EXPECT_EQ(sends(stream, "question"), 8);
  EXPECT_EQ(finishes(stream), 0);
  EXPECT_TRUE(peer_ended(peer));
  EXPECT_EQ(world().seen(peer).bytes, "question");
  world().send(peer, "answer");
  EXPECT_EQ(receives(stream, 16), 6);
  EXPECT_EQ(last(), "answer");
  world().finish(peer);
  EXPECT_EQ(receives(stream, 16), 0);
}

TEST_P(TcpEnd, EndsItsOwnSideWhileAReceiveWaits) {
  const auto [stream, peer] = pair();
  receive(stream, 16);
  EXPECT_EQ(finishes(stream), 0);
  EXPECT_TRUE(waits(stream, kRead)) << "the peer may still speak";
  world().send(peer, "late");
  EXPECT_EQ(end(stream, kRead), 4);
}

TEST_P(TcpEnd, EndsItsOwnSideTwice) {
  const auto [stream, peer] = pair();
  EXPECT_EQ(finishes(stream), 0);
  EXPECT_EQ(finishes(stream), 0);
  EXPECT_TRUE(peer_ended(peer));
}

TEST_P(TcpEnd, EndsItsOwnSideAfterThePeerHas) {
  const auto [stream, peer] = pair();
  world().finish(peer);
  EXPECT_EQ(receives(stream, 16), 0);
  EXPECT_EQ(sends(stream, "rest"), 4);
  EXPECT_EQ(finishes(stream), 0);
  EXPECT_TRUE(peer_ended(peer));
  EXPECT_EQ(world().seen(peer).bytes, "rest");
}

TEST_P(TcpEnd, SendsAllBeforeItsEnd) {
  const auto [stream, peer] = pair();
  const std::string all = pattern(300'000, 4);
  for (std::size_t at = 0; at < all.size();) {
    const std::int32_t sent = sends(stream, all.substr(at));
    ASSERT_GT(sent, 0);
    at += static_cast<std::size_t>(sent);
  }
  EXPECT_EQ(finishes(stream), 0);
  EXPECT_TRUE(peer_ended(peer));
  EXPECT_TRUE(world().seen(peer).bytes == all);
}

TEST_P(TcpEnd, ShutEndsAReceiveThatWaits) {
  const auto [stream, peer] = pair();
  receive(stream, 16);
  EXPECT_TRUE(waits(stream, kRead));
  shut(stream);
  EXPECT_EQ(end(stream, kRead), 0);
  EXPECT_TRUE(peer_ended(peer));
}

TEST_P(TcpEnd, ShutTwiceIsShut) {
  const auto [stream, peer] = pair();
  shut(stream);
  shut(stream);
  EXPECT_EQ(receives(stream, 16), 0);
  EXPECT_TRUE(peer_ended(peer));
}

TEST_P(TcpEnd, ShowsThePeerACloseAsAnEnd) {
  auto [stream, peer] = pair();
  EXPECT_EQ(sends(stream, "bye"), 3);
  close(stream);
  EXPECT_TRUE(peer_ended(peer));
  EXPECT_EQ(world().seen(peer).bytes, "bye");
  EXPECT_FALSE(world().seen(peer).reset);
}

TEST_P(TcpEnd, ShowsThePeerACloseOverUnreadBytesAsAReset) {
  auto [stream, peer] = pair();
  world().send(peer, "unread");
  settle();
  close(stream);
  EXPECT_TRUE(peer_reset(peer));
}

TEST_P(TcpEnd, AnswersBytesForAClosedStreamWithAReset) {
  auto [stream, peer] = pair();
  close(stream);
  EXPECT_TRUE(peer_ended(peer));
  world().send(peer, "is anybody there");
  EXPECT_TRUE(until([&] {
    world().send(peer, "?");
    return world().seen(peer).reset;
  }));
}

TEST_P(TcpEnd, GivesAResetToAReceiveThatWaits) {
  const auto [stream, peer] = pair();
  receive(stream, 16);
  EXPECT_TRUE(waits(stream, kRead));
  world().reset(peer);
  EXPECT_EQ(end(stream, kRead), -ECONNRESET);
}

TEST_P(TcpEnd, GivesAResetToTheNextReceive) {
  const auto [stream, peer] = pair();
  world().reset(peer);
  settle();
  EXPECT_EQ(receives(stream, 16), -ECONNRESET);
}

TEST_P(TcpEnd, GivesAResetToTheNextSend) {
  const auto [stream, peer] = pair();
  world().reset(peer);
  settle();
  EXPECT_EQ(sends(stream, "x"), -ECONNRESET);
}

TEST_P(TcpEnd, GivesAResetOnceAndThenTheEnd) {
  const auto [stream, peer] = pair();
  world().reset(peer);
  settle();
  EXPECT_EQ(receives(stream, 16), -ECONNRESET);
  EXPECT_EQ(receives(stream, 16), 0);
  EXPECT_EQ(sends(stream, "x"), -EPIPE);
}

TEST_P(TcpEnd, GivesAResetToOneLaneOnly) {
  const auto [stream, peer] = pair();
  world().reset(peer);
  settle();
  EXPECT_EQ(sends(stream, "x"), -ECONNRESET);
  EXPECT_EQ(sends(stream, "x"), -EPIPE);
  EXPECT_EQ(receives(stream, 16), 0);
}

TEST_P(TcpEnd, GivesUnreadBytesBeforeAReset) {
  const auto [stream, peer] = pair();
  world().send(peer, "still read");
  settle();
  world().reset(peer);
  settle();
  EXPECT_EQ(receives(stream, 4), 4);
  EXPECT_EQ(receives(stream, 64), 6);
  EXPECT_EQ(receives(stream, 64), -ECONNRESET);
}

TEST_P(TcpEnd, RefusesToFinishAfterAReset) {
  const auto [stream, peer] = pair();
  world().reset(peer);
  settle();
  EXPECT_EQ(finishes(stream), -ENOTCONN);
}

TEST_P(TcpEnd, ResetsInTheMiddleOfAMessage) {
  const auto [stream, peer] = pair();
  world().send(peer, "first half");
  EXPECT_EQ(gather(stream, 10), "first half");
  receive(stream, 64);
  world().reset(peer);
  EXPECT_EQ(end(stream, kRead), -ECONNRESET);
}

TEST_P(TcpEnd, ResetsWithAnswersUnread) {
  const auto [stream, peer] = pair();
  world().hold(peer, true);
  EXPECT_EQ(sends(stream, "answer"), 6);
  settle();
  world().close(peer);  // over unread bytes
  EXPECT_EQ(receives(stream, 16), -ECONNRESET);
}

TEST_P(TcpEnd, ResetsAfterThePeersEnd) {
  const auto [stream, peer] = pair();
  world().finish(peer);
  EXPECT_EQ(receives(stream, 16), 0);
  world().reset(peer);
  settle();
  EXPECT_EQ(sends(stream, "x"), -EPIPE);
}

TEST_P(TcpEnd, ResetsAfterItsOwnEnd) {
  const auto [stream, peer] = pair();
  EXPECT_EQ(finishes(stream), 0);
  EXPECT_TRUE(peer_ended(peer));
  receive(stream, 16);
  world().reset(peer);
  EXPECT_EQ(end(stream, kRead), -ECONNRESET);
}

TEST_P(TcpEnd, ResetsOneOfTwo) {
  const Pair broken = pair();
  const Pair whole = pair();
  receive(broken.stream, 16);
  receive(whole.stream, 16);
  world().reset(broken.peer);
  EXPECT_EQ(end(broken.stream, kRead), -ECONNRESET);
  EXPECT_TRUE(waits(whole.stream, kRead));
  world().send(whole.peer, "whole");
  EXPECT_EQ(end(whole.stream, kRead), 5);
}

TEST_P(TcpEnd, EndsBothLanesAtOnceInAReset) {
  const auto [stream, peer] = pair();
  world().hold(peer, true);
  while (true) {
    send(stream, pattern(8'000'000));
    if (waits(stream, kWrite)) break;
    EXPECT_GT(end(stream, kWrite), 0);
  }
  receive(stream, 16);
  world().reset(peer);
  const std::int32_t read = end(stream, kRead);
  const std::int32_t written = end(stream, kWrite);
  const bool reader_first = read == -ECONNRESET && written == -EPIPE;
  const bool writer_first = read == 0 && written == -ECONNRESET;
  EXPECT_TRUE(reader_first || writer_first) << read << " " << written;
}

}  // namespace
}  // namespace tina::parity
