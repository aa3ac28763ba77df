// SPDX-License-Identifier: Apache-2.0
// Parity of ends at each phase of a stream: after so many bytes of either side, by an end, a close
// or a reset, with a receive that waits or none.
#include "parity.h"

namespace tina::parity {
namespace {

/// How many bytes have gone before the end comes.
struct Phase {
  const char* name;
  std::size_t size;
};

constexpr Phase kPhases[] = {
    {"at_once", 0}, {"one_byte", 1}, {"few_bytes", 10}, {"a_buffer", 1024}, {"many_segments", 6000},
};

class TcpPhase : public Rows<Phase> {};
TINA_ROWS_IN_EVERY_WORLD(TcpPhase, Phase, kPhases);

TEST_P(TcpPhase, PeerResetsAfterItsBytes) {
  const auto [stream, peer] = pair();
  const std::string all = pattern(row().size);
  world().send(peer, all);
  EXPECT_TRUE(gather(stream, all.size(), 1024) == all);
  receive(stream, 16);
  EXPECT_TRUE(waits(stream, kRead));
  world().reset(peer);
  EXPECT_EQ(end(stream, kRead), -ECONNRESET);
  EXPECT_EQ(sends(stream, "x"), -EPIPE);
}

TEST_P(TcpPhase, PeerEndsAfterItsBytesAndHearsTheAnswer) {
  const auto [stream, peer] = pair();
  const std::string all = pattern(row().size);
  world().send(peer, all);
  world().finish(peer);
  std::int32_t ending = -1;
  EXPECT_TRUE(gather(stream, all.size() + 1, 777, &ending) == all);
  EXPECT_EQ(ending, 0);
  EXPECT_EQ(sends(stream, "answer"), 6);
  EXPECT_EQ(finishes(stream), 0);
  EXPECT_TRUE(peer_has(peer, "answer"));
  EXPECT_TRUE(peer_ended(peer));
}

TEST_P(TcpPhase, PeerClosesAfterItsBytes) {
  const auto [stream, peer] = pair();
  const std::string all = pattern(row().size);
  world().send(peer, all);
  world().close(peer);
  std::int32_t ending = -1;
  EXPECT_TRUE(gather(stream, all.size() + 1, 4096, &ending) == all);
  EXPECT_EQ(ending, 0);
}

TEST_P(TcpPhase, PeerResetsAfterTheSystemsBytes) {
  const auto [stream, peer] = pair();
  const std::string all = pattern(row().size);
  EXPECT_EQ(sends_all(stream, all), all.size());
  EXPECT_TRUE(peer_has(peer, all));
  world().reset(peer);
  settle();
  EXPECT_EQ(sends(stream, "x"), -ECONNRESET);
  EXPECT_EQ(receives(stream, 16), 0);
}

TEST_P(TcpPhase, SystemClosesAfterItsBytes) {
  auto [stream, peer] = pair();
  const std::string all = pattern(row().size);
  EXPECT_EQ(sends_all(stream, all), all.size());
  close(stream);
  EXPECT_TRUE(peer_ended(peer));
  EXPECT_TRUE(world().seen(peer).bytes == all);
  EXPECT_FALSE(world().seen(peer).reset);
}

TEST_P(TcpPhase, SystemClosesHavingReadAll) {
  auto [stream, peer] = pair();
  const std::string all = pattern(row().size);
  world().send(peer, all);
  EXPECT_TRUE(gather(stream, all.size(), 512) == all);
  close(stream);
  EXPECT_TRUE(peer_ended(peer));
  EXPECT_FALSE(world().seen(peer).reset);
}

TEST_P(TcpPhase, SystemIsShutHavingSentAll) {
  const auto [stream, peer] = pair();
  const std::string all = pattern(row().size);
  EXPECT_EQ(sends_all(stream, all), all.size());
  receive(stream, 16);
  settle();
  shut(stream);
  EXPECT_EQ(end(stream, kRead), 0);
  EXPECT_EQ(sends(stream, "x"), -EPIPE);
  EXPECT_TRUE(peer_ended(peer));
  EXPECT_TRUE(world().seen(peer).bytes == all);
}

TEST_P(TcpPhase, ReceiveIsCancelledAfterBytesOfEitherSide) {
  const auto [stream, peer] = pair();
  const std::string all = pattern(row().size);
  world().send(peer, all);
  EXPECT_EQ(sends_all(stream, all), all.size());
  EXPECT_TRUE(gather(stream, all.size()) == all);
  receive(stream, 64);
  EXPECT_TRUE(waits(stream, kRead));
  cancel(stream, kRead);
  EXPECT_EQ(end(stream, kRead), -ECANCELED);
  world().send(peer, "next");
  EXPECT_EQ(receives(stream, 64), 4);
  EXPECT_TRUE(peer_has(peer, all));
}

}  // namespace
}  // namespace tina::parity
