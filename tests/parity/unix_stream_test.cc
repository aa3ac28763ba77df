// SPDX-License-Identifier: Apache-2.0
// Parity of Unix streams, both ends the system's: they connect at once or say why not, know at once
// that the other end is closed, and otherwise end as TCP's do.
#include <string>

#include "unix.h"

namespace tina::parity {
namespace {

class UnixStreams : public UnixCase {};
TINA_IN_EVERY_WORLD(UnixStreams);

TEST_P(UnixStreams, ConnectAtOnceAtAPath) {
  const Object listener = listen(path());
  const Object caller = connect_to(path());
  const Object taken = accepts(listener);
  EXPECT_EQ(sends(caller, "hello"), 5);
  EXPECT_EQ(receives(taken, 16), 5);
  EXPECT_EQ(last(), "hello");
}

TEST_P(UnixStreams, ConnectAtOnceByAName) {
  const Object listener = listen(name());
  const Object caller = connect_to(name());
  const Object taken = accepts(listener);
  EXPECT_EQ(sends(taken, "welcome"), 7);
  EXPECT_EQ(receives(caller, 16), 7);
  EXPECT_EQ(last(), "welcome");
}

TEST_P(UnixStreams, WaitForACaller) {
  const Object listener = listen(path());
  accept(listener);
  EXPECT_TRUE(waits(listener, kAccept));
  connect_to(path());
  adopt(end(listener, kAccept));
}

TEST_P(UnixStreams, GiveWhatCameBeforeTheAccept) {
  const Object listener = listen(path());
  Object caller = connect_to(path());
  EXPECT_EQ(sends(caller, "early"), 5);
  close(caller);
  settle();
  const Object taken = accepts(listener);
  EXPECT_EQ(receives(taken, 16), 5);
  EXPECT_EQ(receives(taken, 16), 0);
}

TEST_P(UnixStreams, SayThatNobodyIsThere) {
  EXPECT_EQ(opens_stream(path()), -ENOENT);
  EXPECT_EQ(opens_stream(name()), -ECONNREFUSED);
}

TEST_P(UnixStreams, SayWhatIsNoAddress) {
  EXPECT_EQ(opens_stream({}), -EINVAL);
  EXPECT_EQ(opens_stream(std::string_view("@")), -EINVAL);
  EXPECT_EQ(opens_stream(std::string_view("")), -ENOENT);
  EXPECT_EQ(opens_stream(std::string_view(std::string(108, 'x'))), -ENAMETOOLONG);
  EXPECT_EQ(opens_listener(std::string_view(std::string(108, 'x'))), -ENAMETOOLONG);
}

TEST_P(UnixStreams, SayThatABacklogIsFull) {
  const Object listener = listen(path(), 1);
  connect_to(path());
  connect_to(path());
  EXPECT_EQ(opens_stream(path()), -EAGAIN);
  accepts(listener);
  connect_to(path());
}

TEST_P(UnixStreams, TakeNoDatagramSocketForAListener) {
  open_datagrams(path());
  EXPECT_EQ(opens_stream(path()), -EPROTOTYPE);
}

TEST_P(UnixStreams, RefuseASecondListener) {
  listen(path());
  EXPECT_EQ(opens_listener(path()), -EADDRINUSE);
  listen(name());
  EXPECT_EQ(opens_listener(name()), -EADDRINUSE);
}

TEST_P(UnixStreams, ListenAgainAfterAClose) {
  Object listener = listen(path());
  remove_file(listener);
  close(listener);
  EXPECT_EQ(opens_stream(path()), -ENOENT);
  const Object again = listen(path());
  connect_to(path());
  accepts(again);
}

TEST_P(UnixStreams, EndAnAcceptWhenTheListenerIsShutAndItIsCancelled) {
  const Object listener = listen(path());
  accept(listener);
  EXPECT_TRUE(waits(listener, kAccept));
  shut(listener);
  cancel(listener, kAccept);
  EXPECT_LT(end(listener, kAccept), 0) << "as at the end of an isolate";
}

TEST_P(UnixStreams, EndAnAcceptThatIsCancelled) {
  const Object listener = listen(path());
  accept(listener);
  EXPECT_TRUE(waits(listener, kAccept));
  cancel(listener, kAccept);
  EXPECT_EQ(end(listener, kAccept), -ECANCELED);
}

TEST_P(UnixStreams, ResetWhoWaitsInTheBacklogOfAClosedListener) {
  Object listener = listen(path());
  const Object caller = connect_to(path());
  close(listener);
  EXPECT_EQ(receives(caller, 16), -ECONNRESET);
}

TEST_P(UnixStreams, RunOutOfDescriptors) {
  const Object listener = listen(path());
  connect_to(path());
  world().exhaust_descriptors(true);
  EXPECT_EQ(opens_stream(path()), -EMFILE);
  EXPECT_EQ(opens_listener(name()), -EMFILE);
  accept(listener);
  EXPECT_EQ(end(listener, kAccept), -EMFILE);
  world().exhaust_descriptors(false);
  accepts(listener);
}

TEST_P(UnixStreams, EndOneDirectionAlone) {
  const auto [one, two] = ends();
  EXPECT_EQ(finishes(one), 0);
  EXPECT_EQ(receives(two, 16), 0);
  EXPECT_EQ(sends(two, "still"), 5);
  EXPECT_EQ(receives(one, 16), 5);
  EXPECT_EQ(sends(one, "x"), -EPIPE);
}

TEST_P(UnixStreams, KnowAtOnceThatTheOtherEndIsClosed) {
  auto [one, two] = ends();
  close(two);
  EXPECT_EQ(sends(one, "x"), -EPIPE) << "the first one already";
  EXPECT_EQ(sends(one, "x"), -EPIPE);
  EXPECT_EQ(receives(one, 16), 0);
}

TEST_P(UnixStreams, GiveWhatWasSentBeforeTheClose) {
  auto [one, two] = ends();
  EXPECT_EQ(sends(two, "last words"), 10);
  settle();
  close(two);
  EXPECT_EQ(gather(one, 10, 4), "last words");
  EXPECT_EQ(receives(one, 16), 0);
}

TEST_P(UnixStreams, SayOnceThatWhatTheySentWasNotRead) {
  auto [one, two] = ends();
  EXPECT_EQ(sends(one, "unread"), 6);
  settle();
  close(two);
  settle();
  EXPECT_EQ(receives(one, 16), -ECONNRESET);
  EXPECT_EQ(receives(one, 16), 0);
  EXPECT_EQ(finishes(one), 0) << "they end a side that has no other";
}

TEST_P(UnixStreams, EndAReceiveThatIsCancelled) {
  const auto [one, two] = ends();
  receive(one, 16);
  EXPECT_TRUE(waits(one, kRead));
  cancel(one, kRead);
  EXPECT_EQ(end(one, kRead), -ECANCELED);
  EXPECT_EQ(sends(two, "later"), 5);
  EXPECT_EQ(receives(one, 16), 5) << "and lose nothing";
}

TEST_P(UnixStreams, EndAReceiveWhenTheyAreShut) {
  const auto [one, two] = ends();
  receive(one, 16);
  EXPECT_TRUE(waits(one, kRead));
  shut(one);
  EXPECT_EQ(end(one, kRead), 0);
  EXPECT_EQ(receives(two, 16), 0);
}

TEST_P(UnixStreams, WaitForAReader) {
  const auto [one, two] = ends();
  const std::string all = pattern(1'000'000);
  std::size_t sent = 0;
  send(one, all);
  std::string heard;
  while (heard.size() < all.size()) {
    if (outstanding() == 0 && sent < all.size()) {
      sent += static_cast<std::size_t>(end(one, kWrite));
      if (sent < all.size()) send(one, all.substr(sent));
    }
    heard += gather(two, 1, 65536);
  }
  if (sent < all.size()) sent += static_cast<std::size_t>(end(one, kWrite));
  EXPECT_EQ(sent, all.size());
  EXPECT_TRUE(heard == all);
}

TEST_P(UnixStreams, EndASendThatIsCancelled) {
  const auto [one, two] = ends();
  for (;;) {
    send(one, std::string(1'000'000, 'x'));
    if (waits(one, kWrite)) break;
    EXPECT_GT(end(one, kWrite), 0);
  }
  cancel(one, kWrite);
  EXPECT_EQ(end(one, kWrite), -ECANCELED);
}

TEST_P(UnixStreams, SendPartsInARow) {
  const auto [one, two] = ends();
  EXPECT_EQ(sends_gathered(one, {"a", "", "bc", "def"}), 6);
  EXPECT_EQ(gather(two, 6), "abcdef");
}

TEST_P(UnixStreams, TellThatBytesAreThere) {
  const auto [one, two] = ends();
  await(one);
  EXPECT_TRUE(waits(one, kRead));
  EXPECT_EQ(sends(two, "x"), 1);
  EXPECT_GE(end(one, kRead), 0);
  EXPECT_EQ(receives(one, 16), 1);
}

}  // namespace
}  // namespace tina::parity
