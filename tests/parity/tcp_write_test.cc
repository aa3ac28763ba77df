// SPDX-License-Identifier: Apache-2.0
// Parity of sending: a send ends with what the kernel took, a peer that does not read holds the
// sender back, and what was taken arrives once and in order.
#include "parity.h"

namespace tina::parity {
namespace {

class TcpWrite : public Parity {
 protected:
  static constexpr std::size_t kMuch = 16'000'000;  ///< more than any buffers between two sockets

  /// Sends until a send waits, against a peer that does not read. Returns what was taken.
  std::string fill(const Pair& pair) {
    world().hold(pair.peer, true);
    std::string taken;
    for (;;) {
      const std::string more = pattern(kMuch, 5).substr(taken.size());
      send(pair.stream, more);
      if (waits(pair.stream, kWrite)) return taken;
      const std::int32_t sent = end(pair.stream, kWrite);
      EXPECT_GT(sent, 0);
      taken += more.substr(0, static_cast<std::size_t>(sent));
    }
  }
};
TINA_IN_EVERY_WORLD(TcpWrite);

TEST_P(TcpWrite, TakesAllThatFits) {
  const auto [stream, peer] = pair();
  EXPECT_EQ(sends(stream, "hello"), 5);
  EXPECT_TRUE(peer_has(peer, "hello"));
}

TEST_P(TcpWrite, TakesOneByte) {
  const auto [stream, peer] = pair();
  EXPECT_EQ(sends(stream, "x"), 1);
  EXPECT_TRUE(peer_has(peer, "x"));
}

TEST_P(TcpWrite, TakesNothingIfThereIsNothing) {
  const auto [stream, peer] = pair();
  EXPECT_EQ(sends(stream, ""), 0);
  EXPECT_EQ(sends(stream, "after"), 5);
  EXPECT_TRUE(peer_has(peer, "after"));
}

TEST_P(TcpWrite, KeepsTheOrder) {
  const auto [stream, peer] = pair();
  std::string all;
  for (int i = 0; i < 100; ++i) {
    const std::string one = std::to_string(i) + ";";
    EXPECT_EQ(sends(stream, one), static_cast<std::int32_t>(one.size()));
    all += one;
  }
  EXPECT_TRUE(peer_has(peer, all));
}

TEST_P(TcpWrite, WaitsForAPeerThatDoesNotRead) {
  const Pair both = pair();
  const std::string taken = fill(both);
  EXPECT_LT(taken.size(), kMuch);
  EXPECT_EQ(world().seen(both.peer).bytes, "") << "it does not read";
  world().hold(both.peer, false);
  const std::int32_t more = end(both.stream, kWrite);
  EXPECT_GT(more, 0) << "the one that waited goes on";
  const std::size_t all = taken.size() + static_cast<std::size_t>(more);
  EXPECT_TRUE(until([&] { return world().seen(both.peer).bytes.size() == all; }));
  EXPECT_TRUE(world().seen(both.peer).bytes == pattern(kMuch, 5).substr(0, all));
}

TEST_P(TcpWrite, TakesAPartOfVeryMuch) {
  const Pair both = pair();
  world().hold(both.peer, true);
  const std::int32_t sent = sends(both.stream, pattern(kMuch));
  EXPECT_GT(sent, 0);
  EXPECT_LT(sent, static_cast<std::int32_t>(kMuch));
  world().hold(both.peer, false);
  const std::string part = pattern(kMuch).substr(0, static_cast<std::size_t>(sent));
  EXPECT_TRUE(until([&] { return world().seen(both.peer).bytes.size() == part.size(); }));
  EXPECT_TRUE(world().seen(both.peer).bytes == part);
}

TEST_P(TcpWrite, HoldsBackOneStreamAlone) {
  const Pair slow = pair();
  const Pair quick = pair();
  fill(slow);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(sends(quick.stream, "tick"), 4);
  EXPECT_TRUE(until([&] { return world().seen(quick.peer).bytes.size() == 40; }));
  EXPECT_TRUE(waits(slow.stream, kWrite));
  world().hold(slow.peer, false);
  EXPECT_GT(end(slow.stream, kWrite), 0);
}

TEST_P(TcpWrite, ReadsWhileASendWaits) {
  const Pair both = pair();
  fill(both);
  world().send(both.peer, "still here");
  EXPECT_EQ(receives(both.stream, 64), 10);
  EXPECT_EQ(last(), "still here");
  EXPECT_TRUE(waits(both.stream, kWrite));
  world().hold(both.peer, false);
  EXPECT_GT(end(both.stream, kWrite), 0);
}

TEST_P(TcpWrite, EndsAWaitingSendWhenThePeerResets) {
  const Pair both = pair();
  fill(both);
  world().reset(both.peer);
  EXPECT_EQ(end(both.stream, kWrite), -ECONNRESET);
}

TEST_P(TcpWrite, EndsAWaitingSendWhenTheStreamIsShut) {
  const Pair both = pair();
  fill(both);
  shut(both.stream);
  EXPECT_EQ(end(both.stream, kWrite), -EPIPE);
}

TEST_P(TcpWrite, EndsAWaitingSendWhenThePeerClosesOverUnreadBytes) {
  const Pair both = pair();
  fill(both);
  world().close(both.peer);
  EXPECT_EQ(end(both.stream, kWrite), -ECONNRESET);
}

TEST_P(TcpWrite, SendsAfterThePeerHasEndedItsSide) {
  const auto [stream, peer] = pair();
  world().finish(peer);
  EXPECT_EQ(receives(stream, 16), 0);
  EXPECT_EQ(sends(stream, "answer"), 6);
  EXPECT_TRUE(peer_has(peer, "answer"));
}

TEST_P(TcpWrite, RefusesToSendAfterItsOwnEnd) {
  const auto [stream, peer] = pair();
  EXPECT_EQ(finishes(stream), 0);
  EXPECT_EQ(sends(stream, "late"), -EPIPE);
  EXPECT_TRUE(peer_ended(peer));
  EXPECT_EQ(world().seen(peer).bytes, "");
}

TEST_P(TcpWrite, RefusesToSendOnAShutStream) {
  const auto [stream, peer] = pair();
  shut(stream);
  EXPECT_EQ(sends(stream, "late"), -EPIPE);
}

TEST_P(TcpWrite, LearnsOfAPeerThatHasClosedByItsAnswer) {
  const auto [stream, peer] = pair();
  world().close(peer);
  settle();
  EXPECT_EQ(sends(stream, "one"), 3) << "nothing says yet that nobody reads";
  settle();
  EXPECT_EQ(sends(stream, "two"), -EPIPE);
}

TEST_P(TcpWrite, SendsAllPartsInTheirOrder) {
  const auto [stream, peer] = pair();
  EXPECT_EQ(sends_gathered(stream, {"one ", "", "two ", "three"}), 13);
  EXPECT_TRUE(peer_has(peer, "one two three"));
  EXPECT_EQ(sends(stream, "!"), 1);
  EXPECT_TRUE(peer_has(peer, "one two three!"));
}

TEST_P(TcpWrite, SendsAsManyPartsAsOneCallTakes) {
  const auto [stream, peer] = pair();
  const std::string all = pattern(1024 * 3, 4);
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < all.size(); at += 3) parts.push_back(all.substr(at, 3));
  EXPECT_EQ(sends_gathered(stream, parts), 3072);
  EXPECT_TRUE(peer_has(peer, all));
}

TEST_P(TcpWrite, EndsAGatheredSendWithWhatWasTaken) {
  const Pair both = pair();
  world().hold(both.peer, true);
  const std::vector<std::string> parts = {pattern(kMuch / 4, 6), pattern(kMuch, 7)};
  const std::int32_t sent = sends_gathered(both.stream, parts);
  EXPECT_GT(sent, 0);
  EXPECT_LT(sent, static_cast<std::int32_t>(kMuch));
  world().hold(both.peer, false);
  const std::string all = (parts[0] + parts[1]).substr(0, static_cast<std::size_t>(sent));
  EXPECT_TRUE(until([&] { return world().seen(both.peer).bytes.size() == all.size(); }));
  EXPECT_TRUE(world().seen(both.peer).bytes == all);
}

TEST_P(TcpWrite, AGatheredSendWaitsUntilTheStreamIsShut) {
  const Pair both = pair();
  fill(both);
  shut(both.stream);
  EXPECT_EQ(end(both.stream, kWrite), -EPIPE);
  EXPECT_EQ(sends_gathered(both.stream, {"a", "b"}), -EPIPE);
}

TEST_P(TcpWrite, RefusesAGatheredSendAfterItsOwnEnd) {
  const auto [stream, peer] = pair();
  EXPECT_EQ(finishes(stream), 0);
  EXPECT_EQ(sends_gathered(stream, {"too", "late"}), -EPIPE) << "and no signal";
  EXPECT_TRUE(peer_ended(peer));
}

/// How much is sent at once and in all, to a peer that reads.
struct Flow {
  const char* name;
  std::size_t total, each;
};

constexpr Flow kFlows[] = {
    {"byte_by_byte", 100, 1},
    {"small", 10'000, 64},
    {"segments", 50'000, 1460},
    {"odd", 33'333, 777},
    {"buffers", 1'000'000, 65'536},
    {"large", 4'000'000, 1'000'000},
    {"all_at_once", 8'000'000, 8'000'000},
};

class TcpFlow : public Rows<Flow> {};
TINA_ROWS_IN_EVERY_WORLD(TcpFlow, Flow, kFlows);

TEST_P(TcpFlow, ArrivesWhateverIsTakenEachTime) {
  const auto [stream, peer] = pair();
  const std::string all = pattern(row().total, 2);
  for (std::size_t at = 0; at < all.size();) {
    const std::int32_t sent = sends(stream, all.substr(at, row().each));
    ASSERT_GT(sent, 0);
    at += static_cast<std::size_t>(sent);
  }
  EXPECT_TRUE(until([&] { return world().seen(peer).bytes.size() == all.size(); }));
  EXPECT_TRUE(world().seen(peer).bytes == all);
}

TEST_P(TcpFlow, ComesBackAsItWent) {
  const auto [stream, peer] = pair();
  const std::string all = pattern(row().total / 4 + 1, 3);
  std::string back;
  for (std::size_t at = 0; at < all.size();) {
    receive(stream, 65'536);
    const std::int32_t sent = sends(stream, all.substr(at, row().each));
    ASSERT_GT(sent, 0);
    const auto size = static_cast<std::size_t>(sent);
    EXPECT_TRUE(until([&] { return world().seen(peer).bytes.size() == at + size; }));
    world().send(peer, std::string_view(world().seen(peer).bytes).substr(at));
    ASSERT_GT(end(stream, kRead), 0);
    back += last();
    back += gather(stream, size - last().size(), 65'536);
    at += size;
  }
  EXPECT_TRUE(back == all);
}

}  // namespace
}  // namespace tina::parity
