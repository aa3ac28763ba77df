// SPDX-License-Identifier: Apache-2.0
// Parity of Unix sockets of datagrams: they stay whole and in order, none is lost, and a queue that
// is full says so, or makes a connected sender wait.
#include <string>

#include "unix.h"

namespace tina::parity {
namespace {

class UnixDatagrams : public UnixCase {
 protected:
  /// Fills the queue of a receiver; how many went in.
  int fill(const Object& sender, const Address& to) {
    int sent = 0;
    while (sends_to(sender, to, "x") == 1) ++sent;
    return sent;
  }
  /// Sends over a connected socket, or waits for room first, as the reactor has a ring do.
  void send_or_wait(const Object& sender, const std::string& bytes) {
    send_datagram(sender, bytes);
    asks_first_ = !waits(sender, kWrite);
    if (!asks_first_) return;
    EXPECT_EQ(end(sender, kWrite), -EAGAIN);
    start(sender, kWrite, OpCode::kAwaitRoom, {}, 0);
  }
  std::int32_t sent(const Object& sender, const std::string& bytes) {
    const std::int32_t value = end(sender, kWrite);
    return asks_first_ && value >= 0 ? sends_datagram(sender, bytes) : value;
  }

 private:
  bool asks_first_ = false;
};
TINA_IN_EVERY_WORLD(UnixDatagrams);

TEST_P(UnixDatagrams, WaitForOne) {
  const Object taker = open_datagrams(path());
  const Object sender = open_datagrams(path(".2"));
  receive_from(taker, 64);
  EXPECT_TRUE(waits(taker, kRead));
  EXPECT_EQ(sends_to(sender, path(), "hello"), 5);
  EXPECT_EQ(ended_from(taker), 5);
  EXPECT_EQ(last(), "hello");
  EXPECT_FALSE(was_cut());
}

TEST_P(UnixDatagrams, SayWhoHasSentThem) {
  const Object taker = open_datagrams(name());
  const Object sender = open_datagrams(path(".2"));
  EXPECT_EQ(sends_to(sender, name(), "from"), 4);
  EXPECT_EQ(receives_from(taker, 64), 4);
  EXPECT_EQ(came_from().text(), path(".2").text());
  EXPECT_EQ(sends_to(taker, path(".2"), "back"), 4);
  EXPECT_EQ(receives_from(sender, 64), 4);
  EXPECT_EQ(came_from().text(), name().text());
}

TEST_P(UnixDatagrams, StayApartAndInOrder) {
  const Object taker = open_datagrams(path());
  const Object sender = open_datagrams(path(".2"));
  for (const char* text : {"one", "two", "three"}) sends_to(sender, path(), text);
  for (const char* text : {"one", "two", "three"}) {
    EXPECT_GT(receives_from(taker, 64), 0);
    EXPECT_EQ(last(), text);
  }
}

TEST_P(UnixDatagrams, AreCutOffIfLongerThanTheBuffer) {
  const Object taker = open_datagrams(path());
  const Object sender = open_datagrams(path(".2"));
  const std::string text = pattern(100);
  EXPECT_EQ(sends_to(sender, path(), text), 100);
  EXPECT_EQ(receives_from(taker, 99), 99);
  EXPECT_EQ(last(), text.substr(0, 99));
  EXPECT_TRUE(was_cut());
  EXPECT_EQ(sends_to(sender, path(), text), 100);
  EXPECT_EQ(receives_from(taker, 100), 100);
  EXPECT_FALSE(was_cut()) << "it just fits, and nothing is left of the one before";
}

TEST_P(UnixDatagrams, MayBeEmpty) {
  const Object taker = open_datagrams(path());
  const Object sender = open_datagrams(path(".2"));
  EXPECT_EQ(sends_to(sender, path(), ""), 0);
  EXPECT_EQ(receives_from(taker, 64), 0);
  EXPECT_EQ(came_from().text(), path(".2").text());
}

TEST_P(UnixDatagrams, HaveALongestOne) {
  const Object taker = open_datagrams(path());
  const Object sender = open_datagrams(path(".2"));
  EXPECT_EQ(sends_to(sender, path(), std::string(1 << 20, 'x')), -EMSGSIZE);
  EXPECT_EQ(sends_to(sender, path(), std::string(100'000, 'x')), 100'000);
  EXPECT_EQ(receives_from(taker, 200'000), 100'000);
}

TEST_P(UnixDatagrams, SayThatNobodyIsThere) {
  const Object sender = open_datagrams(path(".2"));
  EXPECT_EQ(sends_to(sender, path(), "x"), -ENOENT);
  EXPECT_EQ(sends_to(sender, name(), "x"), -ECONNREFUSED);
  EXPECT_EQ(connects_datagrams(path()), -ENOENT);
  EXPECT_EQ(connects_datagrams(name()), -ECONNREFUSED);
}

TEST_P(UnixDatagrams, SayWhatIsNoAddress) {
  const Object sender = open_datagrams(path(".2"));
  EXPECT_EQ(sends_to(sender, {}, "x"), -EINVAL);
  EXPECT_EQ(sends_to(sender, std::string_view("@"), "x"), -EINVAL);
  Address made = path();
  made.size = 60'000;  // as a message might bring it
  EXPECT_EQ(sends_to(sender, made, "x"), -EINVAL);
}

TEST_P(UnixDatagrams, GoToNoListener) {
  listen(path());
  const Object sender = open_datagrams(path(".2"));
  EXPECT_EQ(sends_to(sender, path(), "x"), -EPROTOTYPE);
  EXPECT_EQ(connects_datagrams(path()), -EPROTOTYPE);
}

TEST_P(UnixDatagrams, GoNowhereWithoutAPeer) {
  const Object sender = open_datagrams(path(".2"));
  EXPECT_EQ(sends_datagram(sender, "x"), -ENOTCONN);
}

TEST_P(UnixDatagrams, AreAnsweredByAConnectedSocketsName) {
  const Object taker = open_datagrams(path());
  const Object sender = connect_datagrams(path());
  EXPECT_EQ(sends_datagram(sender, "who"), 3);
  EXPECT_EQ(receives_from(taker, 64), 3);
  const Address answer_to = came_from();
  EXPECT_TRUE(answer_to.is_abstract());
  EXPECT_EQ(sends_to(taker, answer_to, "you"), 3);
  EXPECT_EQ(receives_from(sender, 64), 3);
  EXPECT_EQ(last(), "you");
}

TEST_P(UnixDatagrams, AreTakenFromThePeerAloneWhenConnected) {
  const Object taker = open_datagrams(path());
  const Object stranger = open_datagrams(path(".2"));
  const Object socket = connect_datagrams(path());
  EXPECT_EQ(sends_datagram(socket, "who"), 3);
  EXPECT_EQ(receives_from(taker, 64), 3);
  EXPECT_EQ(sends_to(stranger, came_from(), "stranger"), -EPERM);
}

TEST_P(UnixDatagrams, SayThatAQueueIsFull) {
  const Object taker = open_datagrams(path());
  const Object sender = open_datagrams(path(".2"));
  EXPECT_GT(fill(sender, path()), 0);
  EXPECT_EQ(sends_to(sender, path(), "x"), -EAGAIN) << "and it does not wait";
  EXPECT_EQ(receives_from(taker, 64), 1);
  EXPECT_EQ(sends_to(sender, path(), "x"), 1);
}

TEST_P(UnixDatagrams, WaitForAQueueWhenConnected) {
  const Object taker = open_datagrams(path());
  const Object filler = open_datagrams(path(".2"));
  const Object sender = connect_datagrams(path());
  const int filled = fill(filler, path());
  send_or_wait(sender, "patient");
  EXPECT_TRUE(waits(sender, kWrite));
  EXPECT_EQ(receives_from(taker, 64), 1);
  EXPECT_EQ(sent(sender, "patient"), 7);
  for (int i = 1; i < filled; ++i) EXPECT_EQ(receives_from(taker, 64), 1);
  EXPECT_EQ(receives_from(taker, 64), 7);
  EXPECT_EQ(last(), "patient");
}

TEST_P(UnixDatagrams, EndASendThatIsCancelled) {
  open_datagrams(path());
  const Object filler = open_datagrams(path(".2"));
  const Object sender = connect_datagrams(path());
  fill(filler, path());
  send_or_wait(sender, "x");
  EXPECT_TRUE(waits(sender, kWrite));
  cancel(sender, kWrite);
  EXPECT_EQ(end(sender, kWrite), -ECANCELED);
}

TEST_P(UnixDatagrams, SayThatThePeerHasGone) {
  Object taker = open_datagrams(path());
  const Object sender = connect_datagrams(path());
  EXPECT_EQ(sends_datagram(sender, "x"), 1);
  close(taker);
  EXPECT_EQ(sends_datagram(sender, "x"), -ECONNREFUSED);
  EXPECT_EQ(sends_datagram(sender, "x"), -ENOTCONN) << "and then it has none";
}

TEST_P(UnixDatagrams, EndAReceiveThatIsCancelled) {
  const Object taker = open_datagrams(path());
  receive_from(taker, 64);
  EXPECT_TRUE(waits(taker, kRead));
  cancel(taker, kRead);
  EXPECT_EQ(end(taker, kRead), -ECANCELED);
}

TEST_P(UnixDatagrams, TellThatOneIsThere) {
  const Object taker = open_datagrams(path());
  const Object sender = open_datagrams(path(".2"));
  await(taker);
  EXPECT_TRUE(waits(taker, kRead));
  EXPECT_EQ(sends_to(sender, path(), "x"), 1);
  EXPECT_GE(end(taker, kRead), 0);
  EXPECT_EQ(receives_from(taker, 64), 1);
}

TEST_P(UnixDatagrams, TakeAnAddressOnce) {
  Object taker = open_datagrams(path());
  EXPECT_EQ(opens_datagrams(path()), -EADDRINUSE);
  EXPECT_EQ(opens_listener(path()), -EADDRINUSE);
  remove_file(taker);
  close(taker);
  open_datagrams(path());
}

TEST_P(UnixDatagrams, GetANameOfTheKernelsIfTheyHaveNone) {
  const Object one = open_datagrams({});
  const Object two = open_datagrams({});
  const Object taker = open_datagrams(path());
  EXPECT_EQ(sends_to(one, path(), "x"), 1);
  EXPECT_EQ(receives_from(taker, 64), 1);
  const Address first = came_from();
  EXPECT_EQ(sends_to(two, path(), "x"), 1);
  EXPECT_EQ(receives_from(taker, 64), 1);
  EXPECT_NE(first, came_from());
}

TEST_P(UnixDatagrams, NeedADescriptor) {
  open_datagrams(path());
  world().exhaust_descriptors(true);
  EXPECT_EQ(opens_datagrams(path(".2")), -EMFILE);
  EXPECT_EQ(connects_datagrams(path()), -EMFILE);
}

}  // namespace
}  // namespace tina::parity
