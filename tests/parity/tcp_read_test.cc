// SPDX-License-Identifier: Apache-2.0
// Parity of receiving: whatever the peer sends arrives once and in order, however it was cut, and a
// receive ends with what is there.
#include "parity.h"

namespace tina::parity {
namespace {

class TcpRead : public Parity {};
TINA_IN_EVERY_WORLD(TcpRead);

TEST_P(TcpRead, GivesWhatIsThere) {
  const auto [stream, peer] = pair();
  world().send(peer, "hello");
  settle();
  EXPECT_EQ(receives(stream, 64), 5);
  EXPECT_EQ(last(), "hello");
}

TEST_P(TcpRead, WaitsForWhatComes) {
  const auto [stream, peer] = pair();
  receive(stream, 64);
  EXPECT_TRUE(waits(stream, kRead));
  world().send(peer, "hello");
  EXPECT_EQ(end(stream, kRead), 5);
  EXPECT_EQ(last(), "hello");
}

TEST_P(TcpRead, GivesOneByteThatComesAlone) {
  const auto [stream, peer] = pair();
  receive(stream, 4096);
  world().send(peer, "x");
  EXPECT_EQ(end(stream, kRead), 1);
  EXPECT_EQ(last(), "x");
}

TEST_P(TcpRead, LeavesWhatDoesNotFitForTheNext) {
  const auto [stream, peer] = pair();
  world().send(peer, "abcdefgh");
  settle();
  EXPECT_EQ(receives(stream, 3), 3);
  EXPECT_EQ(last(), "abc");
  EXPECT_EQ(receives(stream, 3), 3);
  EXPECT_EQ(last(), "def");
  EXPECT_EQ(receives(stream, 3), 2);
  EXPECT_EQ(last(), "gh");
}

TEST_P(TcpRead, WaitsAgainAfterItHasTakenAll) {
  const auto [stream, peer] = pair();
  world().send(peer, "abc");
  settle();
  EXPECT_EQ(receives(stream, 3), 3) << "exactly as much as there is";
  receive(stream, 3);
  EXPECT_TRUE(waits(stream, kRead));
  world().send(peer, "def");
  EXPECT_EQ(end(stream, kRead), 3);
  EXPECT_EQ(last(), "def");
}

TEST_P(TcpRead, WaitsAgainAfterAShortOne) {
  const auto [stream, peer] = pair();
  for (const char* text : {"a", "bc", "def"}) {
    receive(stream, 16);
    EXPECT_TRUE(waits(stream, kRead));
    world().send(peer, text);
    EXPECT_EQ(end(stream, kRead), static_cast<std::int32_t>(std::string_view(text).size()));
    EXPECT_EQ(last(), text);
  }
}

TEST_P(TcpRead, JoinsWhatWasSentInPieces) {
  const auto [stream, peer] = pair();
  for (const char* text : {"one ", "two ", "three"}) world().send(peer, text);
  EXPECT_EQ(gather(stream, 13), "one two three");
}

TEST_P(TcpRead, GivesWhatComesBetweenTwoReceives) {
  const auto [stream, peer] = pair();
  world().send(peer, "first");
  EXPECT_EQ(receives(stream, 64), 5);
  world().send(peer, "second");
  settle();
  EXPECT_EQ(receives(stream, 64), 6);
  EXPECT_EQ(last(), "second");
}

TEST_P(TcpRead, ReadsEachOfManyStreams) {
  constexpr int kStreams = 40;
  std::vector<Pair> pairs;
  for (int i = 0; i < kStreams; ++i) pairs.push_back(pair());
  for (const Pair& one : pairs) receive(one.stream, 16);
  for (int i = kStreams - 1; i >= 0; --i) {
    world().send(pairs[static_cast<std::size_t>(i)].peer, std::to_string(i));
  }
  for (int i = 0; i < kStreams; ++i) {
    const Object& stream = pairs[static_cast<std::size_t>(i)].stream;
    EXPECT_GT(end(stream, kRead), 0);
    EXPECT_EQ(last(), std::to_string(i));
  }
}

TEST_P(TcpRead, ReadsAndWritesAtOnce) {
  const auto [stream, peer] = pair();
  receive(stream, 16);
  EXPECT_EQ(sends(stream, "to the peer"), 11);
  EXPECT_TRUE(waits(stream, kRead)) << "a send touches no receive";
  world().send(peer, "to the system");
  EXPECT_EQ(end(stream, kRead), 13);
  EXPECT_TRUE(peer_has(peer, "to the peer"));
}

/// How a stream of bytes is cut: what the peer sends at once, and how much each receive takes.
struct Cut {
  const char* name;
  std::size_t total, piece, each;
};

constexpr Cut kCuts[] = {
    {"byte_by_byte", 64, 1, 1},
    {"single_bytes_into_a_roomy_buffer", 200, 1, 4096},
    {"one_piece_byte_by_byte", 200, 200, 1},
    {"odd_into_even", 1001, 7, 16},
    {"even_into_odd", 1024, 64, 13},
    {"as_much_as_fits", 4096, 1024, 1024},
    {"one_less_than_fits", 4092, 1023, 1024},
    {"one_more_than_fits", 4100, 1025, 1024},
    {"a_segment_and_a_bit", 14610, 1461, 1460},
    {"large_into_small", 100'000, 100'000, 512},
    {"large_into_large", 1'000'000, 250'000, 65'536},
    {"small_into_large", 20'000, 100, 65'536},
    {"very_much", 3'000'000, 3'000'000, 16'384},
};

class TcpCut : public Rows<Cut> {};
TINA_ROWS_IN_EVERY_WORLD(TcpCut, Cut, kCuts);

TEST_P(TcpCut, ArrivesOnceAndInOrder) {
  const Cut& cut = row();
  const auto [stream, peer] = pair();
  const std::string all = pattern(cut.total);
  for (std::size_t at = 0; at < all.size(); at += cut.piece) {
    world().send(peer, std::string_view(all).substr(at, cut.piece));
  }
  world().finish(peer);
  std::int32_t ending = -1;
  EXPECT_TRUE(gather(stream, all.size() + 1, cut.each, &ending) == all);
  EXPECT_EQ(ending, 0) << "and then the end";
}

}  // namespace
}  // namespace tina::parity
