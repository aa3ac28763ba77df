// SPDX-License-Identifier: Apache-2.0
// Goal: a ring hands over every message whole, once and in order, refuses what does not fit, and
// with the sleep flag never loses a wake-up. First the rules one by one, then a random history
// against a std::deque, then two threads. What threads cannot prove is explored in
// ring_model_test.cc.
#include "src/ring.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <random>
#include <semaphore>
#include <thread>
#include <vector>

#include "src/sleep_flag.h"

namespace tina::internal {
namespace {

struct Message {
  std::byte* data = nullptr;
  std::uint32_t size_bytes = 0;
  explicit operator bool() const { return data != nullptr; }
};

struct Channel {
  explicit Channel(std::size_t capacity, std::uint32_t promised_slots = 0)
      : slots(capacity), ring(std::make_unique<Ring>(std::span(slots), promised_slots)) {}

  bool send(std::uint64_t value, std::uint32_t size_bytes = 8) {
    std::byte* place = ring->try_reserve(of(size_bytes));
    if (place == nullptr) return false;
    fill(place, value, size_bytes);
    ring->commit();
    return true;
  }

  static RemoteHeader of(std::uint32_t size_bytes) {
    return {0, 0, RemoteKind::kMessage, 0, size_bytes};
  }
  /// Bytes that depend on the value and on their place, so that a torn message shows.
  static void fill(std::byte* place, std::uint64_t value, std::uint32_t size_bytes) {
    for (std::uint32_t at = 0; at < size_bytes; ++at) place[at] = byte_at(value, at);
  }
  /// Takes the oldest message; without one, `data` is null.
  Message take() {
    Message message;
    ring->drain(1, [&message](RingSlot* at, RingSlot*) {
      message = {at->data(), at->header().size};
      return at + at->slots();
    });
    return message;
  }
  static bool holds(const Message& message, std::uint64_t value) {
    for (std::uint32_t at = 0; at < message.size_bytes; ++at) {
      if (message.data[at] != byte_at(value, at)) return false;
    }
    return true;
  }
  static std::byte byte_at(std::uint64_t value, std::uint32_t at) {
    return static_cast<std::byte>((value >> (at % 8 * 8)) + at / 8);
  }

  std::vector<RingSlot> slots;
  std::unique_ptr<Ring> ring;
};

TEST(Ring, ShowsAMessageOnlyAfterItsPublish) {
  Channel channel(4);
  ASSERT_TRUE(channel.send(7));
  EXPECT_FALSE(channel.take());
  EXPECT_TRUE(channel.ring->empty_for_sleeper());
  EXPECT_TRUE(channel.ring->publish());
  EXPECT_FALSE(channel.ring->publish()) << "nothing new";
  EXPECT_FALSE(channel.ring->empty_for_sleeper());
  const Message message = channel.take();
  ASSERT_TRUE(message);
  EXPECT_EQ(message.size_bytes, 8U);
  EXPECT_TRUE(Channel::holds(message, 7));
  EXPECT_FALSE(channel.take());
  EXPECT_TRUE(channel.ring->empty_for_sleeper());
}

TEST(Ring, RefusesWhenFullUntilTheConsumerReleases) {
  Channel channel(2);
  ASSERT_TRUE(channel.send(1));
  ASSERT_TRUE(channel.send(2));
  EXPECT_FALSE(channel.send(3));
  ASSERT_TRUE(channel.ring->publish());
  ASSERT_TRUE(channel.take());
  EXPECT_FALSE(channel.send(3)) << "taken, but not released";
  channel.ring->release();
  EXPECT_TRUE(channel.send(3));
  EXPECT_FALSE(channel.send(4));
}

TEST(Ring, ReservedButNotCommittedLeavesNoTrace) {
  Channel channel(4);
  std::byte* abandoned = channel.ring->try_reserve(Channel::of(100));
  ASSERT_NE(abandoned, nullptr);
  EXPECT_FALSE(channel.ring->publish());
  ASSERT_TRUE(channel.send(5));
  ASSERT_TRUE(channel.ring->publish());
  const Message message = channel.take();
  EXPECT_EQ(message.data, abandoned);
  EXPECT_TRUE(Channel::holds(message, 5));
}

TEST(Ring, LargeMessageTakesConsecutiveSlotsAndSkipsTheEnd) {
  Channel channel(4);
  ASSERT_EQ(ring_slots(48), 1U);
  ASSERT_EQ(ring_slots(49), 2U);
  ASSERT_EQ(ring_slots(112), 2U);
  ASSERT_EQ(ring_slots(113), 3U);
  EXPECT_EQ(channel.ring->size_bytes_max(), 112U);
  for (std::uint64_t round = 0; round < 9; ++round) {
    ASSERT_TRUE(channel.send(round));
    ASSERT_TRUE(channel.send(round + 100, 112)) << "skips a slot whenever it starts at the last";
    ASSERT_TRUE(channel.ring->publish());
    for (const std::uint64_t value : {round, round + 100}) {
      const Message message = channel.take();
      ASSERT_TRUE(message);
      EXPECT_TRUE(Channel::holds(message, value));
      const auto offset = message.data - channel.slots[0].bytes;
      EXPECT_LE(static_cast<std::size_t>(offset) + message.size_bytes, 4 * sizeof(RingSlot));
    }
    channel.ring->release();
  }
}

TEST(Ring, LargestMessageAlwaysFitsAnEmptyRing) {
  for (const std::size_t capacity : {1U, 2U, 4U, 64U}) {
    Channel channel(capacity);
    for (std::uint64_t start = 0; start < 2 * capacity; ++start) {
      ASSERT_TRUE(channel.send(start, channel.ring->size_bytes_max())) << capacity;
      ASSERT_TRUE(channel.ring->publish());
      ASSERT_TRUE(Channel::holds(channel.take(), start));
      channel.ring->release();
      if (!channel.send(start)) FAIL();  // moves the start by one slot
      ASSERT_TRUE(channel.ring->publish());
      ASSERT_TRUE(channel.take());
      channel.ring->release();
    }
  }
}

TEST(Ring, PromisedPlacesAreKeptForPromisedMessages) {
  constexpr std::uint32_t kPromises = 2;
  constexpr std::uint32_t kAnswerBytes = 100;  // 2 slots
  constexpr std::uint32_t kKept = kPromises * 2 + 1;
  for (std::uint32_t start = 0; start < 16; ++start) {
    Channel channel(16, kKept);
    for (std::uint32_t turn = 0; turn < start; ++turn) {
      ASSERT_TRUE(channel.send(turn));
      ASSERT_TRUE(channel.ring->publish());
      ASSERT_TRUE(channel.take());
      channel.ring->release();
    }
    std::uint32_t sent = 0;
    while (channel.send(sent)) ++sent;
    EXPECT_EQ(sent, 16 - kKept);
    for (std::uint32_t promise = 0; promise < kPromises; ++promise) {
      EXPECT_NE(channel.ring->try_reserve_promised(Channel::of(kAnswerBytes)), nullptr)
          << "start " << start;
      channel.ring->commit();
    }
  }
}

TEST(Ring, AgreesWithAQueueOverRandomHistories) {
  struct Sent {
    std::uint64_t value;
    std::uint32_t size_bytes;
  };
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    std::mt19937_64 random(seed);
    Channel channel(std::size_t{1} << (seed % 7));
    std::deque<Sent> committed;
    std::deque<Sent> published;
    std::uint64_t slots_held = 0;  // without skip markers: a lower bound of what is in use
    for (std::uint64_t step = 0; step < 3000; ++step) {
      const auto draw = random() % 8;
      if (draw < 4) {
        const auto size_bytes =
            static_cast<std::uint32_t>(random() % (channel.ring->size_bytes_max() + 1));
        if (channel.send(step, size_bytes)) {
          committed.push_back({step, size_bytes});
          slots_held += ring_slots(size_bytes);
          ASSERT_LE(slots_held, channel.ring->capacity());
        } else {
          ASSERT_GT(slots_held, 0U) << "an empty ring takes any message";
        }
      } else if (draw == 4) {
        ASSERT_EQ(channel.ring->publish(), !committed.empty());
        for (; !committed.empty(); committed.pop_front()) published.push_back(committed.front());
        ASSERT_EQ(channel.ring->empty_for_sleeper(), published.empty());
      } else {
        for (auto count = random() % 5; count > 0; --count) {
          const Message message = channel.take();
          if (!message) break;
          ASSERT_FALSE(published.empty());
          ASSERT_EQ(message.size_bytes, published.front().size_bytes) << "seed " << seed;
          ASSERT_TRUE(Channel::holds(message, published.front().value)) << "seed " << seed;
          slots_held -= ring_slots(message.size_bytes);
          published.pop_front();
        }
        channel.ring->release();
      }
    }
  }
}

TEST(Ring, KeepsEveryPromiseOverRandomHistories) {
  struct Sent {
    std::uint64_t value;
    bool answer;
  };
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    std::mt19937_64 random(seed);
    const auto answer_slots = static_cast<std::uint32_t>(1 + seed % 3);
    const auto answer_bytes = static_cast<std::uint32_t>((answer_slots - 1) * kCacheLine + 8);
    const auto promises = static_cast<std::uint32_t>(1 + random() % 6);
    Channel channel(64, promises * answer_slots + answer_slots - 1);
    std::deque<Sent> sent;  // the model: what is committed and not popped
    std::size_t published = 0;
    std::uint32_t promised = 0;  // until the answer has been read
    std::uint32_t owed = 0;      // those that are not written yet
    std::uint64_t shed = 0;
    for (std::uint64_t step = 0; step < 2'000; ++step) {
      const auto draw = random() % 8;
      if (draw < 3) {
        const auto size_bytes = static_cast<std::uint32_t>(random() % 200);
        if (channel.send(step, size_bytes)) sent.push_back({step, false});
      } else if (draw == 3 && promised < promises) {
        ++promised;
        ++owed;
      } else if (draw == 4 && owed > 0) {
        std::byte* const place = channel.ring->try_reserve_promised(Channel::of(answer_bytes));
        ASSERT_NE(place, nullptr) << "seed " << seed << ", step " << step;
        Channel::fill(place, step, answer_bytes);
        channel.ring->commit();
        sent.push_back({step, true});
        --owed;
      } else if (draw == 5) {
        ASSERT_EQ(channel.ring->publish(), published < sent.size());
        published = sent.size();
      } else if (draw > 5) {
        std::uint32_t answers = 0;
        for (; published > 0 && random() % 4 != 0; --published) {
          const Message message = channel.take();
          ASSERT_TRUE(message);
          ASSERT_TRUE(Channel::holds(message, sent.front().value)) << "seed " << seed;
          answers += sent.front().answer ? 1 : 0;
          sent.pop_front();
          if (random() % 5 == 0) {
            channel.ring->count_shed(1);
            ++shed;
          }
        }
        channel.ring->release();
        promised -= answers;
        ASSERT_EQ(channel.ring->shed(), shed);
      }
      ASSERT_EQ(channel.ring->count_unread(), sent.size());
    }
  }
}

// A consumer takes as many messages at once as it likes; each is shown once, none across the end.
TEST(Ring, DrainShowsRowsOfMessages) {
  Channel channel(8);
  std::uint64_t sent = 0;
  std::uint64_t taken = 0;
  for (std::uint32_t round = 0; round < 40; ++round) {
    for (const std::uint32_t size_bytes : {8U, 100U, 8U, 60U}) {
      if (channel.send(sent, size_bytes)) ++sent;
    }
    ASSERT_TRUE(channel.ring->publish());
    const std::uint32_t slots_max = 1 + round % 8;
    std::uint64_t slots = 0;
    channel.ring->drain(slots_max, [&](RingSlot* at, RingSlot* stop) {
      EXPECT_LT(at, stop);
      EXPECT_LE(stop, channel.slots.data() + channel.slots.size());
      for (std::uint32_t turn = 0; turn <= round % 3 && at < stop; ++turn) {
        if (at->skips()) break;
        EXPECT_TRUE(Channel::holds({at->data(), at->header().size}, taken));
        ++taken;
        slots += at->slots();
        at += at->slots();
      }
      return at;
    });
    EXPECT_GE(slots, std::min<std::uint64_t>(slots_max, 1));
    EXPECT_LT(slots, slots_max + 2) << "one message more at most than was asked for";
    channel.ring->release();
    ASSERT_EQ(channel.ring->sent(), sent);
    ASSERT_EQ(channel.ring->count_unread(), sent - taken);
  }
  EXPECT_GT(taken, 40U);
}

constexpr std::uint64_t kStressMessages = 200'000;
constexpr std::chrono::seconds kHung{20};

std::uint32_t size_of_message(std::uint64_t value) {
  return static_cast<std::uint32_t>(8 + value * 2'654'435'761 % 5 * 48);
}

TEST(Ring, TwoThreadsExchangeEveryMessageWholeAndInOrder) {
  Channel channel(64);
  std::thread producer([&] {
    for (std::uint64_t value = 0; value < kStressMessages;) {
      const std::uint64_t batch_end = value + 1 + value % 13;
      while (value < std::min(batch_end, kStressMessages) &&
             channel.send(value, size_of_message(value))) {
        ++value;
      }
      if (!channel.ring->publish()) std::this_thread::yield();
    }
  });
  std::uint64_t wrong = 0;
  const auto deadline = std::chrono::steady_clock::now() + kHung;
  for (std::uint64_t value = 0; value < kStressMessages;) {
    for (Message message = channel.take(); message; message = channel.take()) {
      wrong += message.size_bytes != size_of_message(value) ? 1U : 0U;
      wrong += Channel::holds(message, value) ? 0U : 1U;
      ++value;
    }
    channel.ring->release();
    std::this_thread::yield();
    if (std::chrono::steady_clock::now() > deadline) {
      ADD_FAILURE() << "stuck at message " << value;
      std::abort();  // the producer cannot be joined
    }
  }
  producer.join();
  EXPECT_EQ(wrong, 0U);
  EXPECT_FALSE(channel.take());
}

TEST(SleepFlag, GivesEachSleepToOneSender) {
  SleepFlag flag;
  EXPECT_FALSE(flag.should_wake());
  flag.announce_sleep();
  EXPECT_TRUE(flag.should_wake());
  EXPECT_FALSE(flag.should_wake());
  EXPECT_TRUE(flag.clear()) << "a sender took it";
  flag.announce_sleep();
  EXPECT_FALSE(flag.clear()) << "nobody took it";
  EXPECT_FALSE(flag.should_wake());
}

// The sleeper blocks as soon as its rings are empty and only a wake ends that: a lost one hangs,
// and the time limit turns that into a failure. The semaphore stands in for an eventfd.
TEST(SleepFlag, TwoSendersNeverLoseAWake) {
  constexpr std::uint64_t kMessages = 40'000;
  constexpr std::size_t kSenders = 2;
  Channel channels[kSenders] = {Channel(8), Channel(8)};
  SleepFlag flag;
  std::counting_semaphore<1 << 20> wakes(0);
  std::atomic<std::uint64_t> wakes_sent{0};
  const auto send_all = [&](Channel& channel) {
    for (std::uint64_t value = 0; value < kMessages;) {
      for (std::uint64_t batch = 1 + value % 5; batch > 0 && value < kMessages; --batch) {
        if (!channel.send(value, size_of_message(value))) break;
        ++value;
      }
      if (channel.ring->publish()) {
        if (flag.should_wake()) {
          wakes_sent.fetch_add(1, std::memory_order_relaxed);  // read after the join
          wakes.release();
        }
      } else {
        std::this_thread::yield();
      }
    }
  };
  std::thread senders[kSenders] = {std::thread(send_all, std::ref(channels[0])),
                                   std::thread(send_all, std::ref(channels[1]))};
  std::uint64_t next[kSenders] = {};
  std::uint64_t sleeps = 0;
  std::uint64_t wrong = 0;
  while (next[0] + next[1] < kSenders * kMessages) {
    for (std::size_t from = 0; from < kSenders; ++from) {
      for (Message message = channels[from].take(); message; message = channels[from].take()) {
        wrong += Channel::holds(message, next[from]) ? 0U : 1U;
        ++next[from];
      }
      channels[from].ring->release();
    }
    if (next[0] + next[1] == kSenders * kMessages) break;
    flag.announce_sleep();
    if (channels[0].ring->empty_for_sleeper() && channels[1].ring->empty_for_sleeper()) {
      ++sleeps;
      if (!wakes.try_acquire_for(kHung)) {
        ADD_FAILURE() << "lost wake-up after " << next[0] << " + " << next[1] << " messages";
        std::abort();  // the senders cannot be joined
      }
    }
    flag.clear();
  }
  for (std::thread& sender : senders) sender.join();
  EXPECT_EQ(wrong, 0U);
  EXPECT_GT(sleeps, 0U);
  EXPECT_GE(wakes_sent.load(), sleeps) << "each wait ended by a wake";
}

TEST(Ring, ShowsWhatIsLeftInItToWhoeverClaimsItFirst) {
  std::array<RingSlot, 4> slots{};
  Ring ring(slots);
  for (unsigned i = 0; i < 3; ++i) {
    ASSERT_NE(ring.try_reserve({i, 0, RemoteKind::kMessage, 0, 8}), nullptr);
    ring.commit();
    ASSERT_TRUE(ring.publish());
  }
  ring.drain(1, [](RingSlot* at, RingSlot*) { return at + 1; });
  ring.release();
  std::vector<std::uint64_t> left;
  ASSERT_TRUE(ring.claim_rest());
  ring.visit_rest([&left](const RingSlot& first) { left.push_back(first.header().to); });
  EXPECT_EQ(left, (std::vector<std::uint64_t>{1, 2}));
  EXPECT_FALSE(ring.claim_rest());
}

}  // namespace
}  // namespace tina::internal
