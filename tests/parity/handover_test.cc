// SPDX-License-Identifier: Apache-2.0
// Parity of connections that go to another shard before anybody has used them: whatever came on the
// way is there, either side ends it as ever, and the shard that gave it away knows it no more.
#include <string>
#include <vector>

#include "unix.h"

namespace tina::parity {
namespace {

class HandOver : public UnixCase {
 protected:
  Object listen_on_tcp() { return Case::listen(); }
  /// A connection that has been accepted and has gone to the other shard.
  Pair handed() {
    const Pair both = pair();
    return {hand_over(both.stream), both.peer};
  }
};
TINA_IN_EVERY_WORLD(HandOver);

TEST_P(HandOver, LeavesTheConnectionAsItIs) {
  const auto [stream, peer] = handed();
  world().send(peer, "ping");
  EXPECT_EQ(receives(stream, 16), 4);
  EXPECT_EQ(last(), "ping");
  EXPECT_EQ(sends(stream, "pong"), 4);
  EXPECT_TRUE(peer_has(peer, "pong"));
}

TEST_P(HandOver, BringsWhatCameBefore) {
  const Object listener = listen_on_tcp();
  const PeerId peer = world().connect(listener.port);
  EXPECT_TRUE(until([&] { return world().seen(peer).connected; }));
  world().send(peer, "before, ");
  settle();
  const Object accepted = accepts(listener);
  world().send(peer, "between");
  settle();
  const Object stream = hand_over(accepted);
  EXPECT_EQ(gather(stream, 15), "before, between");
}

TEST_P(HandOver, TellsAnAwaitOfWhatCameBefore) {
  const Pair both = pair();
  world().send(both.peer, "early");
  settle();
  const Object stream = hand_over(both.stream);
  await(stream);
  EXPECT_GE(end(stream, kRead), 0);
  EXPECT_EQ(receives(stream, 16), 5);
}

TEST_P(HandOver, BringsTheEndThatCameBefore) {
  const Pair both = pair();
  world().send(both.peer, "all");
  world().finish(both.peer);
  settle();
  const Object stream = hand_over(both.stream);
  EXPECT_EQ(receives(stream, 16), 3);
  EXPECT_EQ(receives(stream, 16), 0);
  EXPECT_EQ(sends(stream, "answer"), 6) << "the other half is open";
  EXPECT_TRUE(peer_has(both.peer, "answer"));
}

TEST_P(HandOver, BringsTheResetThatCameBefore) {
  const Pair both = pair();
  world().reset(both.peer);
  settle();
  EXPECT_EQ(receives(hand_over(both.stream), 16), -ECONNRESET);
}

TEST_P(HandOver, WaitsAtTheOtherShard) {
  const auto [stream, peer] = handed();
  receive(stream, 16);
  EXPECT_TRUE(waits(stream, kRead));
  world().send(peer, "x");
  EXPECT_EQ(end(stream, kRead), 1);
}

TEST_P(HandOver, TellsAResetAtTheOtherShard) {
  const auto [stream, peer] = handed();
  receive(stream, 16);
  EXPECT_TRUE(waits(stream, kRead));
  world().reset(peer);
  EXPECT_EQ(end(stream, kRead), -ECONNRESET);
}

TEST_P(HandOver, CancelsAtTheOtherShard) {
  const auto [stream, peer] = handed();
  receive(stream, 16);
  EXPECT_TRUE(waits(stream, kRead));
  cancel(stream, kRead);
  EXPECT_EQ(end(stream, kRead), -ECANCELED);
  world().send(peer, "x");
  EXPECT_EQ(receives(stream, 16), 1);
}

TEST_P(HandOver, HoldsAWriterBackAtTheOtherShard) {
  const auto [stream, peer] = handed();
  world().hold(peer, true);
  const std::string much = pattern(4'000'000);
  std::size_t sent = 0;
  for (;;) {
    send(stream, much);
    if (waits(stream, kWrite)) break;
    sent += static_cast<std::size_t>(end(stream, kWrite));
  }
  world().hold(peer, false);
  sent += static_cast<std::size_t>(end(stream, kWrite));
  EXPECT_TRUE(until([&] { return world().seen(peer).bytes.size() == sent; }));
}

TEST_P(HandOver, EndsItsSideAtTheOtherShard) {
  const auto [stream, peer] = handed();
  EXPECT_EQ(sends_gathered(stream, {"one, ", "two"}), 8);
  EXPECT_EQ(finishes(stream), 0);
  EXPECT_TRUE(peer_ended(peer));
  EXPECT_EQ(world().seen(peer).bytes, "one, two");
  world().send(peer, "heard");
  EXPECT_EQ(receives(stream, 16), 5);
}

TEST_P(HandOver, ClosesAtTheOtherShard) {
  auto [stream, peer] = handed();
  close(stream);
  EXPECT_TRUE(peer_ended(peer));
}

TEST_P(HandOver, ResetsWhoHasSentWhatNobodyReads) {
  auto [stream, peer] = handed();
  world().send(peer, "unread");
  settle();
  close(stream);
  EXPECT_TRUE(peer_reset(peer));
}

TEST_P(HandOver, EndsWhatNobodyTakes) {
  auto [stream, peer] = handed();
  drop(stream);
  EXPECT_TRUE(peer_ended(peer));
}

TEST_P(HandOver, ResetsWhatNobodyTakesIfItHasSpoken) {
  auto [stream, peer] = handed();
  world().send(peer, "hello?");
  settle();
  drop(stream);
  EXPECT_TRUE(peer_reset(peer));
}

TEST_P(HandOver, GoesOnBack) {
  auto [there, peer] = handed();
  const Object back = hand_over(there);
  EXPECT_EQ(back.shard, 0U);
  world().send(peer, "home");
  EXPECT_EQ(receives(back, 16), 4);
  EXPECT_EQ(sends(back, "again"), 5);
  EXPECT_TRUE(peer_has(peer, "again"));
}

TEST_P(HandOver, OutlivesItsListener) {
  Object listener = listen_on_tcp();
  const PeerId peer = world().connect(listener.port);
  const Object stream = hand_over(accepts(listener));
  close(listener);
  world().send(peer, "still here");
  EXPECT_EQ(receives(stream, 16), 10);
}

TEST_P(HandOver, LeavesTheListenerAtItsShard) {
  const Object listener = listen_on_tcp();
  accept(listener);
  const PeerId first = world().connect(listener.port);
  const Object one = hand_over(adopt(end(listener, kAccept)));
  accept(listener);
  receive(one, 16);
  EXPECT_TRUE(waits(listener, kAccept));
  const PeerId second = world().connect(listener.port);
  const Object two = adopt(end(listener, kAccept));
  world().send(first, "first");
  world().send(second, "second");
  EXPECT_EQ(end(one, kRead), 5);
  EXPECT_EQ(receives(two, 16), 6);
}

TEST_P(HandOver, ServesBothShardsAtOnce) {
  constexpr int kPeers = 40;
  std::vector<Pair> all;
  for (int i = 0; i < kPeers; ++i) all.push_back(i % 2 == 0 ? pair() : handed());
  for (const Pair& one : all) receive(one.stream, 16);
  for (std::size_t i = 0; i < all.size(); ++i) world().send(all[i].peer, std::to_string(i));
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_GT(end(all[i].stream, kRead), 0);
    const std::string heard = last();
    EXPECT_EQ(heard, std::to_string(i));
    EXPECT_EQ(sends(all[i].stream, heard), static_cast<std::int32_t>(heard.size()));
    EXPECT_TRUE(peer_has(all[i].peer, heard));
  }
}

TEST_P(HandOver, UsesADescriptorOfEitherShardAgain) {
  for (int i = 0; i < 20; ++i) {
    const Pair both = pair();
    Object stream = i % 3 == 0 ? both.stream : hand_over(both.stream);
    receive(stream, 16);
    EXPECT_TRUE(waits(stream, kRead)) << "nothing of an earlier connection";
    world().send(both.peer, std::to_string(i));
    EXPECT_GT(end(stream, kRead), 0);
    EXPECT_EQ(last(), std::to_string(i));
    close(stream);
    EXPECT_TRUE(peer_ended(both.peer));
    world().close(both.peer);
  }
}

TEST_P(HandOver, IsOfUnixStreamsToo) {
  const Ends both = ends();
  EXPECT_EQ(sends(both.one, "early"), 5);
  const Object there = hand_over(both.two);
  EXPECT_EQ(receives(there, 16), 5);
  EXPECT_EQ(sends(there, "answer"), 6);
  EXPECT_EQ(receives(both.one, 16), 6);
  EXPECT_EQ(last(), "answer");
}

TEST_P(HandOver, TellsTheOtherEndOfAUnixStream) {
  const Ends both = ends();
  Object there = hand_over(both.two);
  receive(both.one, 16);
  EXPECT_TRUE(waits(both.one, kRead));
  close(there);
  EXPECT_EQ(end(both.one, kRead), 0);
  EXPECT_EQ(sends(both.one, "x"), -EPIPE);
}

TEST_P(HandOver, NeedsNoDescriptor) {
  const Pair both = pair();
  world().backend(1);
  world().exhaust_descriptors(true);
  const Object stream = hand_over(both.stream);
  world().send(both.peer, "x");
  EXPECT_EQ(receives(stream, 16), 1);
}

}  // namespace
}  // namespace tina::parity
