// SPDX-License-Identifier: Apache-2.0
// Parity of reading ahead: lent buffers come back in their order, each with bytes, until there are
// no more, the stream ends or somebody cancels; then no buffer is touched. epoll has no such
// operation: there a stream with the setting receives as one without.
#include <deque>

#include "parity.h"

namespace tina::parity {
namespace {

constexpr std::uint32_t kGroup = 2;
constexpr std::size_t kSize = 16;

class TcpReadAhead : public Parity {
 protected:
  void lend(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      std::string& buffer = buffers_.emplace_back(kSize, '.');
      lent_.push_back(&buffer);
      const std::span<char> bytes(buffer);
      ASSERT_TRUE(world().calls().lend(world().backend(), kGroup, std::as_writable_bytes(bytes)));
    }
  }
  void take_back(unsigned count) {
    ASSERT_LE(count, lent_.size());
    world().calls().take_back(world().backend(), kGroup, count);
    lent_.resize(lent_.size() - count);
  }
  std::size_t lent() const { return lent_.size(); }
  void read_ahead(const Object& stream) { start(stream, kAhead, OpCode::kReadAhead, {}, kGroup); }
  bool has(std::string_view bytes) {
    return until([&] { return all_ == bytes; });
  }
  /// Each of these came in a buffer of its own.
  std::vector<std::string> pieces() { return std::exchange(pieces_, {}); }

  static constexpr Lane kAhead = static_cast<Lane>(3);

 private:
  void came(Token name, std::int32_t value) override {
    ASSERT_TRUE(name.took()) << "only lent buffers complete more than once";
    ASSERT_FALSE(lent_.empty());
    pieces_.push_back(lent_.front()->substr(0, static_cast<std::size_t>(std::max(value, 0))));
    all_ += pieces_.back();
    lent_.pop_front();
  }

  std::deque<std::string> buffers_;
  std::deque<std::string*> lent_;
  std::vector<std::string> pieces_;
  std::string all_;
};
INSTANTIATE_TEST_SUITE_P(In, TcpReadAhead, testing::Values(Kind::kIoUring, Kind::kSimulated),
                         world_name);

TEST_P(TcpReadAhead, FillsOneBufferAfterTheOther) {
  const auto [stream, peer] = pair();
  lend(4);
  read_ahead(stream);
  for (const char* text : {"one", "two", "three"}) {
    settle();
    world().send(peer, text);
  }
  EXPECT_TRUE(has("onetwothree"));
  EXPECT_EQ(pieces(), (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(lent(), 1u);
  EXPECT_TRUE(waits(stream, kAhead));
}

TEST_P(TcpReadAhead, DividesWhatDoesNotFitIntoOne) {
  const auto [stream, peer] = pair();
  const std::string bytes = pattern(3 * kSize + 5);
  lend(8);
  world().send(peer, bytes);
  settle();
  read_ahead(stream);
  EXPECT_TRUE(has(bytes));
  EXPECT_EQ(pieces().size(), 4u);
}

TEST_P(TcpReadAhead, EndsWithoutABuffer) {
  const auto [stream, peer] = pair();
  read_ahead(stream);
  EXPECT_EQ(end(stream, kAhead), -ENOBUFS);
}

TEST_P(TcpReadAhead, EndsWhereItsBuffersAreFullAndGoesOnWithOthers) {
  const auto [stream, peer] = pair();
  const std::string bytes = pattern(5 * kSize);
  world().send(peer, bytes);
  lend(2);
  read_ahead(stream);
  EXPECT_EQ(end(stream, kAhead), -ENOBUFS);
  EXPECT_TRUE(has(bytes.substr(0, 2 * kSize)));
  lend(4);
  read_ahead(stream);
  EXPECT_TRUE(has(bytes));
}

TEST_P(TcpReadAhead, TakesABufferThatIsLentMeanwhile) {
  const auto [stream, peer] = pair();
  lend(1);
  read_ahead(stream);
  settle();
  lend(1);
  world().send(peer, "first");
  EXPECT_TRUE(has("first"));
  lend(1);
  settle();
  world().send(peer, "second");
  EXPECT_TRUE(has("firstsecond"));
}

TEST_P(TcpReadAhead, EndsAfterTheBytesBeforeTheEnd) {
  const auto [stream, peer] = pair();
  lend(4);
  read_ahead(stream);
  world().send(peer, "last words");
  world().finish(peer);
  EXPECT_EQ(end(stream, kAhead), 0);
  EXPECT_TRUE(has("last words"));
  take_back(static_cast<unsigned>(lent()));
  read_ahead(stream);
  EXPECT_EQ(end(stream, kAhead), -ENOBUFS);
  lend(1);
  read_ahead(stream);
  EXPECT_EQ(end(stream, kAhead), 0) << "the end stays";
}

TEST_P(TcpReadAhead, EndsWithAReset) {
  const auto [stream, peer] = pair();
  lend(2);
  read_ahead(stream);
  settle();
  world().reset(peer);
  EXPECT_EQ(end(stream, kAhead), -ECONNRESET);
}

TEST_P(TcpReadAhead, EndsWhenItIsCancelledAndTouchesNoBufferAfterThat) {
  const auto [stream, peer] = pair();
  lend(3);
  read_ahead(stream);
  settle();
  cancel(stream, kAhead);
  EXPECT_EQ(end(stream, kAhead), -ECANCELED);
  take_back(3);
  world().send(peer, "late");
  settle();
  EXPECT_EQ(pieces(), std::vector<std::string>{});
  lend(1);
  read_ahead(stream);
  EXPECT_TRUE(has("late")) << "the ring of buffers is whole";
}

TEST_P(TcpReadAhead, EndsWhenItIsCancelledInTheMidstOfBytes) {
  for (unsigned before = 0; before < 4; ++before) {
    const auto [stream, peer] = pair();
    const std::string bytes = pattern(64, before);
    lend(8);
    read_ahead(stream);
    world().send(peer, bytes);
    for (unsigned i = 0; i < before; ++i) pass();
    cancel(stream, kAhead);
    const std::int32_t value = end(stream, kAhead);
    EXPECT_EQ(value, -ECANCELED);
    std::string got;
    for (const std::string& piece : pieces()) got += piece;
    EXPECT_EQ(got, bytes.substr(0, got.size()));
    take_back(static_cast<unsigned>(lent()));
    EXPECT_EQ(got + gather(stream, bytes.size() - got.size()), bytes) << "nothing is lost";
  }
}

TEST_P(TcpReadAhead, EndsWhenItsStreamIsShut) {
  const auto [stream, peer] = pair();
  lend(2);
  read_ahead(stream);
  settle();
  shut(stream);
  cancel(stream, kAhead);
  const std::int32_t value = end(stream, kAhead);
  EXPECT_TRUE(value == 0 || value == -ECANCELED) << value;
}

TEST_P(TcpReadAhead, StartsAgainManyTimesInOneGroup) {
  const auto [stream, peer] = pair();
  std::string all;
  for (unsigned i = 0; i < 300; ++i) {
    lend(2);
    read_ahead(stream);
    const std::string piece = std::to_string(i) + ";";
    world().send(peer, piece);
    all += piece;
    ASSERT_TRUE(has(all));
    cancel(stream, kAhead);
    ASSERT_EQ(end(stream, kAhead), -ECANCELED);
    take_back(static_cast<unsigned>(lent()));
  }
}

}  // namespace
}  // namespace tina::parity
