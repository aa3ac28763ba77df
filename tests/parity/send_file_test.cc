// SPDX-License-Identifier: Apache-2.0
// Parity of sends from files: bytes of any part of a file, the file's end, a peer that reads slowly
// or has gone, and what is no file to send from.
#include <limits>
#include <string>

#include "files.h"

namespace tina::parity {
namespace {

class SendFile : public Files {
 protected:
  static constexpr std::size_t kMuch = 8'000'000;  ///< more than any buffers between two sockets

  void send_file(const Object& to, const Object& from, std::uint64_t at, std::uint32_t size) {
    start_with(to, kWrite, OpCode::kSendFile, internal::SendFileOperand{at, at, from.descriptor, 0},
               {}, {}, size);
  }
  void await_room(const Object& stream) { start(stream, kWrite, OpCode::kAwaitRoom, {}, 0); }
  /// One step, as the reactor takes it: when there is no room, it waits until there is.
  std::int32_t step(const Object& to, const Object& from, std::uint64_t at, std::uint32_t size) {
    for (;;) {
      send_file(to, from, at, size);
      const std::int32_t sent = end(to, kWrite);
      if (sent != -EAGAIN) return sent;
      await_room(to);
      const std::int32_t ready = end(to, kWrite);
      if (ready < 0) return ready;
    }
  }
  /// All of a part, as many steps as it takes; what the last one said.
  std::int32_t sends_file(const Object& to, const Object& from, std::uint64_t at,
                          std::uint32_t size) {
    for (std::uint32_t done = 0; done < size;) {
      const std::int32_t sent = step(to, from, at + done, size - done);
      if (sent <= 0) return sent;
      done += static_cast<std::uint32_t>(sent);
    }
    return static_cast<std::int32_t>(size);
  }
  /// Sends until there is no room, to a peer that does not read. How many bytes went.
  std::uint32_t fill(const Pair& both, const Object& from) {
    world().hold(both.peer, true);
    std::uint32_t done = 0;
    for (int round = 0; round < 10'000; ++round) {
      send_file(both.stream, from, done, static_cast<std::uint32_t>(kMuch) - done);
      std::int32_t sent = end(both.stream, kWrite);
      if (sent == -EAGAIN) {
        await_room(both.stream);
        if (waits(both.stream, kWrite)) return done;
        sent = end(both.stream, kWrite);
        EXPECT_GE(sent, 0);
        continue;
      }
      EXPECT_GT(sent, 0);
      done += static_cast<std::uint32_t>(sent);
    }
    ADD_FAILURE() << "there is always room, it says";
    return done;
  }
  bool peer_gets(PeerId peer, const std::string& all) {
    const bool came = until([&] { return world().seen(peer).bytes.size() >= all.size(); });
    return came && world().seen(peer).bytes == all;
  }
  Object readable(const std::string& text) {
    make("page", text);
    return opened("page", Open::kRead);
  }
};
TINA_IN_EVERY_WORLD(SendFile);

TEST_P(SendFile, SendsAll) {
  const auto [stream, peer] = pair();
  const Object page = readable("hello, page");
  EXPECT_EQ(sends_file(stream, page, 0, 11), 11);
  EXPECT_TRUE(peer_gets(peer, "hello, page"));
}

TEST_P(SendFile, SendsAPart) {
  const auto [stream, peer] = pair();
  const Object page = readable("hello, page");
  EXPECT_EQ(sends_file(stream, page, 7, 2), 2);
  EXPECT_TRUE(peer_gets(peer, "pa"));
}

TEST_P(SendFile, SendsFromAStreamThatConnects) {
  const auto [stream, peer] = outgoing();
  const Object page = readable("uploaded");
  EXPECT_EQ(sends_file(stream, page, 0, 8), 8);
  EXPECT_TRUE(peer_gets(peer, "uploaded"));
}

TEST_P(SendFile, EndsWithTheFile) {
  const auto [stream, peer] = pair();
  const Object page = readable("short");
  EXPECT_EQ(sends_file(stream, page, 0, 100), 0) << "no more of it";
  EXPECT_TRUE(peer_gets(peer, "short"));
  EXPECT_EQ(step(stream, page, 5, 1), 0);
  EXPECT_EQ(step(stream, page, 1'000'000, 1), 0) << "nor far beyond";
}

TEST_P(SendFile, EndsAtOnceInAnEmptyFile) {
  const auto [stream, peer] = pair();
  const Object page = readable("");
  EXPECT_EQ(step(stream, page, 0, 10), 0);
  EXPECT_EQ(sends(stream, "x"), 1) << "the stream is none the worse";
  EXPECT_TRUE(peer_gets(peer, "x"));
}

TEST_P(SendFile, KeepsItsOrderAmongSends) {
  const auto [stream, peer] = pair();
  const Object page = readable("body");
  EXPECT_EQ(sends(stream, "head "), 5);
  EXPECT_EQ(sends_file(stream, page, 0, 4), 4);
  EXPECT_EQ(sends(stream, " tail"), 5);
  EXPECT_EQ(sends_file(stream, page, 0, 4), 4);
  EXPECT_TRUE(peer_gets(peer, "head body tailbody"));
}

TEST_P(SendFile, SendsVeryMuch) {
  const auto [stream, peer] = pair();
  const std::string all = pattern(1'000'000, 3);
  const Object page = readable(all);
  EXPECT_EQ(sends_file(stream, page, 0, 1'000'000), 1'000'000);
  EXPECT_TRUE(peer_gets(peer, all));
}

TEST_P(SendFile, WaitsForAPeerThatDoesNotRead) {
  const Pair both = pair();
  const std::string all = pattern(kMuch, 4);
  const Object page = readable(all);
  const std::uint32_t sent = fill(both, page);
  EXPECT_GT(sent, 0U);
  EXPECT_LT(sent, kMuch);
  world().hold(both.peer, false);
  EXPECT_GE(end(both.stream, kWrite), 0) << "there is room";
  EXPECT_EQ(sends_file(both.stream, page, sent, 1000), 1000);
  EXPECT_TRUE(peer_gets(both.peer, all.substr(0, sent + 1000)));
}

TEST_P(SendFile, HoldsBackOneStreamAlone) {
  const Pair slow = pair();
  const Pair quick = pair();
  const Object page = readable(pattern(kMuch, 5));
  fill(slow, page);
  EXPECT_EQ(sends_file(quick.stream, page, 0, 100), 100);
  EXPECT_TRUE(peer_gets(quick.peer, pattern(100, 5)));
  EXPECT_TRUE(waits(slow.stream, kWrite));
  world().hold(slow.peer, false);
  EXPECT_GE(end(slow.stream, kWrite), 0);
}

TEST_P(SendFile, ReceivesWhileItWaits) {
  const Pair both = pair();
  const Object page = readable(pattern(kMuch, 6));
  fill(both, page);
  world().send(both.peer, "go on");
  EXPECT_EQ(receives(both.stream, 16), 5);
  EXPECT_TRUE(waits(both.stream, kWrite));
  world().hold(both.peer, false);
  EXPECT_GE(end(both.stream, kWrite), 0);
}

TEST_P(SendFile, LetsTheFileBeReadMeanwhile) {
  const Pair both = pair();
  const Object page = readable(pattern(kMuch, 7));
  fill(both, page);
  EXPECT_EQ(reads(page, 3, 5), 5);
  EXPECT_EQ(last(), pattern(8, 7).substr(3));
  world().hold(both.peer, false);
  EXPECT_GE(end(both.stream, kWrite), 0);
}

TEST_P(SendFile, LetsTheFileBeClosedWhileItWaits) {
  const Pair both = pair();
  Object page = readable(pattern(kMuch, 8));
  const std::uint32_t sent = fill(both, page);
  close(page);
  world().hold(both.peer, false);
  EXPECT_GE(end(both.stream, kWrite), 0);
  EXPECT_TRUE(peer_gets(both.peer, pattern(sent, 8)));
}

TEST_P(SendFile, TellsAWaitOfAReset) {
  const Pair both = pair();
  const Object page = readable(pattern(kMuch, 9));
  const std::uint32_t sent = fill(both, page);
  world().reset(both.peer);
  EXPECT_GE(end(both.stream, kWrite), 0) << "no wait any more";
  EXPECT_EQ(step(both.stream, page, sent, 100), -ECONNRESET);
}

TEST_P(SendFile, TellsAWaitThatTheStreamIsShut) {
  const Pair both = pair();
  const Object page = readable(pattern(kMuch, 10));
  const std::uint32_t sent = fill(both, page);
  shut(both.stream);
  EXPECT_GE(end(both.stream, kWrite), 0);
  EXPECT_EQ(step(both.stream, page, sent, 100), -EPIPE);
}

TEST_P(SendFile, EndsAWaitThatIsCancelled) {
  const Pair both = pair();
  const Object page = readable(pattern(kMuch, 11));
  fill(both, page);
  cancel(both.stream, kWrite);
  EXPECT_EQ(end(both.stream, kWrite), -ECANCELED);
}

TEST_P(SendFile, SaysThatThePeerHasReset) {
  const auto [stream, peer] = pair();
  const Object page = readable("unheard");
  world().reset(peer);
  settle();
  EXPECT_EQ(step(stream, page, 0, 7), -ECONNRESET);
  EXPECT_EQ(step(stream, page, 0, 7), -EPIPE);
}

TEST_P(SendFile, IsRefusedAfterItsOwnEnd) {
  const auto [stream, peer] = pair();
  const Object page = readable("too late");
  EXPECT_EQ(finishes(stream), 0);
  EXPECT_EQ(step(stream, page, 0, 8), -EPIPE);
  EXPECT_TRUE(peer_ended(peer));
}

TEST_P(SendFile, NeedsAFileToRead) {
  const auto [stream, peer] = pair();
  make("page", "text");
  const Object page = opened("page", Open::kWrite);
  EXPECT_EQ(step(stream, page, 0, 4), -EBADF);
  EXPECT_EQ(sends(stream, "x"), 1);
  EXPECT_TRUE(peer_gets(peer, "x"));
}

TEST_P(SendFile, IsNoneOfADirectory) {
  const auto [stream, peer] = pair();
  const Object here = directory();
  EXPECT_EQ(step(stream, here, 0, 4), -EINVAL);
}

TEST_P(SendFile, KnowsNoPlaceBeyondAllFiles) {
  const auto [stream, peer] = pair();
  const Object page = readable("text");
  EXPECT_EQ(step(stream, page, std::numeric_limits<std::uint64_t>::max(), 4), -EINVAL);
  EXPECT_EQ(step(stream, page, std::numeric_limits<std::int64_t>::max(), 1), -EINVAL);
  EXPECT_EQ(step(stream, page, std::uint64_t{1} << 62, 4), 0) << "no file is so long";
}

TEST_P(SendFile, SendsWhatHasBeenWritten) {
  const auto [stream, peer] = pair();
  make("page", "old");
  const Object page = opened("page", kBoth);
  EXPECT_EQ(writes(page, 3, "er"), 2);
  EXPECT_EQ(sends_file(stream, page, 0, 5), 5);
  EXPECT_EQ(does(page, OpCode::kTruncate, 1), 0);
  EXPECT_EQ(sends_file(stream, page, 0, 5), 0) << "it has become shorter";
  EXPECT_TRUE(peer_gets(peer, "oldero"));
}

TEST_P(SendFile, SendsOneFileToMany) {
  const Object page = readable(pattern(50'000, 12));
  std::vector<Pair> all;
  for (int i = 0; i < 10; ++i) all.push_back(pair());
  for (const Pair& one : all) EXPECT_EQ(sends_file(one.stream, page, 0, 50'000), 50'000);
  for (const Pair& one : all) EXPECT_TRUE(peer_gets(one.peer, pattern(50'000, 12)));
}

TEST_P(SendFile, NeedsNoDescriptor) {
  const auto [stream, peer] = pair();
  const Object page = readable("enough");
  world().exhaust_descriptors(true);
  EXPECT_EQ(sends_file(stream, page, 0, 6), 6);
  EXPECT_TRUE(peer_gets(peer, "enough"));
}

}  // namespace
}  // namespace tina::parity
