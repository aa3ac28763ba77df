// SPDX-License-Identifier: Apache-2.0
// Parity of awaiting bytes: it ends when a read would not wait, whatever the read would give, and
// takes nothing. A receive that has no buffer begins with it.
#include "parity.h"

namespace tina::parity {
namespace {

class TcpAwait : public Parity {
 protected:
  bool awaited(const Object& stream) { return end(stream, kRead) >= 0; }
};
TINA_IN_EVERY_WORLD(TcpAwait);

TEST_P(TcpAwait, EndsWhenBytesComeAndTakesNone) {
  const auto [stream, peer] = pair();
  await(stream);
  EXPECT_TRUE(waits(stream, kRead));
  world().send(peer, "hello");
  EXPECT_TRUE(awaited(stream));
  EXPECT_EQ(receives(stream, 64), 5);
  EXPECT_EQ(last(), "hello");
}

TEST_P(TcpAwait, EndsAtOnceIfBytesAreThere) {
  const auto [stream, peer] = pair();
  world().send(peer, "hello");
  settle();
  for (int i = 0; i < 3; ++i) {
    await(stream);
    EXPECT_TRUE(awaited(stream));
  }
  EXPECT_EQ(receives(stream, 2), 2);
  await(stream);
  EXPECT_TRUE(awaited(stream)) << "of five bytes three are left";
  EXPECT_EQ(receives(stream, 64), 3);
  EXPECT_EQ(last(), "llo");
}

TEST_P(TcpAwait, WaitsAfterAReceiveThatWasExactlyFilled) {
  const auto [stream, peer] = pair();
  world().send(peer, "abc");
  settle();
  EXPECT_EQ(receives(stream, 3), 3);
  await(stream);
  EXPECT_TRUE(waits(stream, kRead));
  world().send(peer, "def");
  EXPECT_TRUE(awaited(stream));
  EXPECT_EQ(receives(stream, 3), 3);
  EXPECT_EQ(last(), "def");
}

TEST_P(TcpAwait, EndsWithThePeersEnd) {
  const auto [stream, peer] = pair();
  await(stream);
  EXPECT_TRUE(waits(stream, kRead));
  world().finish(peer);
  EXPECT_TRUE(awaited(stream));
  EXPECT_EQ(receives(stream, 64), 0);
}

TEST_P(TcpAwait, EndsWithAReset) {
  const auto [stream, peer] = pair();
  await(stream);
  EXPECT_TRUE(waits(stream, kRead));
  world().reset(peer);
  EXPECT_TRUE(awaited(stream));
  EXPECT_EQ(receives(stream, 64), -ECONNRESET);
}

TEST_P(TcpAwait, EndsWhenTheStreamIsShut) {
  const auto [stream, peer] = pair();
  await(stream);
  EXPECT_TRUE(waits(stream, kRead));
  shut(stream);
  EXPECT_TRUE(awaited(stream));
}

TEST_P(TcpAwait, IsCancelledAndLeavesTheBytes) {
  const auto [stream, peer] = pair();
  await(stream);
  EXPECT_TRUE(waits(stream, kRead));
  cancel(stream, kRead);
  EXPECT_EQ(end(stream, kRead), -ECANCELED);
  world().send(peer, "kept");
  await(stream);
  EXPECT_TRUE(awaited(stream));
  EXPECT_EQ(receives(stream, 16), 4);
  EXPECT_EQ(last(), "kept");
}

TEST_P(TcpAwait, GoesOnBesideASend) {
  const auto [stream, peer] = pair();
  await(stream);
  EXPECT_EQ(sends(stream, "question"), 8);
  EXPECT_TRUE(peer_has(peer, "question"));
  EXPECT_TRUE(waits(stream, kRead));
  world().send(peer, "answer");
  EXPECT_TRUE(awaited(stream));
  EXPECT_EQ(receives(stream, 16), 6);
}

}  // namespace
}  // namespace tina::parity
