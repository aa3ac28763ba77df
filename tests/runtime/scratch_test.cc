// SPDX-License-Identifier: Apache-2.0
// Goal: a handler gets scratch memory that is its own while it runs and nobody's afterwards, what
// does not fit is refused, what is written behind a piece ends the isolate; and an index that is
// out of range in a handler restarts that isolate only. Pieces are compared with a list of
// intervals.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include "absent.h"
#include "hand_platform.h"
#include "holder.h"
#include "modest.h"
#include "scratch.system.h"
#include "src/mailbox.h"
#include "src/trap.h"
#include "taker.h"

#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ADDRESS_SANITIZER 1
#endif
#endif

namespace tina::internal {
namespace {

using ::scratch::Act;
using ::scratch::Order;
using ::scratch::contract::kHolder;
using ::scratch::contract::kModest;
using ::scratch::contract::kTaker;

constexpr const RoleTable& kRole = ::scratch::scratch::kSystem.roles[0];

class ScratchShard : public ::testing::Test {
 protected:
  void SetUp() override {
    ::scratch::pieces.clear();
    ASSERT_TRUE(install_trap_handlers());
    stack_.resize(alternate_stack_size());
    shards_.push_back(std::make_unique<Shard>());
    ASSERT_TRUE(
        shards_[0]->build(::scratch::scratch::kSystem, nullptr, ShardId{0}, placement_, false));
    connect(shards_);
    ASSERT_TRUE(enter_shard_thread(&parts(), stack_.data(), stack_.size()));
    start(*shards_[0], platform_.now, 0, HandPlatform::calls(), &platform_);
    run();
    ::scratch::inits = 0;
  }
  void TearDown() override {
    enter_shard_thread(nullptr, nullptr, 0);
    shards_[0]->destroy();
  }

  ShardParts& parts() { return shards_[0]->parts; }
  TypeBlock& type(TypeId id) { return parts().types[index(id)]; }
  void run() {
    for (int i = 0; i < 1000; ++i) {
      if (pass(parts(), platform_) == 0) return;
    }
    FAIL() << "the shard does not come to rest";
  }
  /// Gives an order to the isolate in a slot and lets it act.
  void tell(TypeId id, std::uint32_t slot, Act act, std::uint32_t number) {
    const Handle to = Handle::make(ShardId{0}, slot, type(id).meta[slot].generation);
    ASSERT_EQ(send_local(parts(), id, to, 0, Order{.act = act, .number = number}),
              SendResult::kQueued);
    set_phase(parts(), Phase::kRuntime);
    run();
  }
  std::uint64_t crashes() { return parts().counters.crashes; }

 private:
  std::vector<std::byte> stack_;
  HandPlatform platform_;
  Placement placement_{::scratch::scratch::kSystem, 1};
  std::vector<std::unique_ptr<Shard>> shards_;
};

TEST_F(ScratchShard, HasWhatTheTypeOfItsTreeDeclaresThatWantsMost) {
  EXPECT_EQ(scratch_size(kRole), 1024u + sizeof(ScratchGuard));
}

TEST_F(ScratchShard, GivesEachHandlerTheSameMemoryAnew) {
  tell(kTaker, 0, Act::Take, 1024);
  tell(kTaker, 1, Act::Take, 1000);
  tell(kModest, 0, Act::Take, 256);
  ASSERT_EQ(::scratch::pieces.size(), 3u);
  for (const auto& [data, size] : ::scratch::pieces) EXPECT_EQ(data, parts().scratch);
  EXPECT_EQ(crashes(), 0u);
  EXPECT_EQ(parts().counters.scratch_refused, 0u);
}

TEST_F(ScratchShard, RefusesMoreThanTheTypeDeclares) {
  tell(kTaker, 0, Act::Take, 1025);
  tell(kModest, 0, Act::Take, 257);
  EXPECT_EQ(::scratch::pieces[0].second, 0u);
  EXPECT_EQ(::scratch::pieces[1].second, 0u);
  EXPECT_EQ(parts().counters.scratch_refused, 2u);
  EXPECT_EQ(crashes(), 0u);
}

TEST_F(ScratchShard, IsWholeAgainAfterACrashAndAMemoryFault) {
  tell(kTaker, 0, Act::Crash, 500);
  tell(kTaker, 0, Act::Recover, 500);
  EXPECT_EQ(crashes(), 2u);
  tell(kTaker, 0, Act::Take, 1024);
  EXPECT_EQ(::scratch::pieces.back().second, 1024u);
  EXPECT_EQ(crashes(), 2u);
}

#if defined(UNDER_ADDRESS_SANITIZER)
TEST_F(ScratchShard, ShowsTheSanitizerEachWriteBeyondAPiece) {
  EXPECT_DEATH(tell(kTaker, 0, Act::Overrun, 5), "use-after-poison");
}
TEST_F(ScratchShard, ShowsTheSanitizerAPieceOfAHandlerBefore) {
  tell(kTaker, 0, Act::Take, 800);
  EXPECT_DEATH(tell(kTaker, 1, Act::Stale, 0), "use-after-poison");
}
#else
TEST_F(ScratchShard, EndsTheIsolateThatWritesBehindAPiece) {
  for (const std::uint32_t size : {1u, 5u, 8u, 1023u, 1024u}) {
    const std::uint64_t before = crashes();
    const std::uint32_t generation = type(kTaker).meta[1].generation;
    tell(kTaker, 0, Act::Overrun, size);
    EXPECT_EQ(crashes(), before + 1) << size;
    EXPECT_EQ(type(kTaker).meta[1].generation, generation);
  }
  EXPECT_EQ(::scratch::inits, 5u);
  EXPECT_EQ(type(kTaker).live, 2u);
  tell(kTaker, 0, Act::Take, 1024);
  EXPECT_EQ(::scratch::pieces.back().second, 1024u);
}
#endif

/// A piece of the model: bytes that nobody else may have.
struct Interval {
  std::size_t from, to;
};

template <class T>
void take_and_compare(Scratch& scratch, const ShardCore& core, std::size_t size, std::size_t count,
                      std::vector<Interval>& model) {
  const std::size_t used = model.empty() ? 0 : model.back().to + sizeof(ScratchGuard);
  const std::size_t at = round_up(used, alignof(T));
  const bool fits = at + count * sizeof(T) <= size;
  const std::span<T> piece = scratch.take<T>(count);
  ASSERT_EQ(piece.size(), fits ? count : 0);
  if (piece.empty()) return;
  const auto* const data = reinterpret_cast<const std::byte*>(piece.data());
  ASSERT_EQ(reinterpret_cast<std::uintptr_t>(data) % alignof(T), 0u);
  const auto from = static_cast<std::size_t>(data - core.scratch);
  ASSERT_LE(from + piece.size_bytes(), size);
  for (const Interval& other : model) {
    ASSERT_TRUE(from >= other.to || from + piece.size_bytes() <= other.from);
  }
  for (const std::byte value : std::as_bytes(piece)) ASSERT_EQ(value, std::byte{0});
  std::memset(static_cast<void*>(piece.data()), 0xff, piece.size_bytes());
  model.push_back({from, from + piece.size_bytes()});
}

struct alignas(64) Line {
  std::uint64_t words[8] = {};
};

TEST(Scratch, AgreesWithAListOfIntervalsOverRandomHistories) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    std::mt19937_64 random(seed);
    const auto size = static_cast<std::uint32_t>(1 + random() % 4096);
    alignas(64) std::array<std::byte, 4096 + sizeof(ScratchGuard)> memory;
    memory.fill(std::byte{0xab});
    auto shard = std::make_unique<ShardParts>();
    shard->scratch = memory.data();
    {
      Scratch scratch(*shard, size);
      std::vector<Interval> model;
      for (int step = 0; step < 40; ++step) {
        const std::size_t count = random() % (random() % 8 == 0 ? 5000 : 40);
        switch (random() % 4) {
          case 0:
            take_and_compare<std::uint8_t>(scratch, *shard, size, count, model);
            break;
          case 1:
            take_and_compare<std::uint32_t>(scratch, *shard, size, count, model);
            break;
          case 2:
            take_and_compare<double>(scratch, *shard, size, count, model);
            break;
          default:
            take_and_compare<Line>(scratch, *shard, size, count, model);
        }
        if (HasFatalFailure()) FAIL() << "seed " << seed;
      }
      EXPECT_TRUE(scratch.take<Line>(~std::size_t{0} / 2).empty());
    }  // all guards are whole
    allow_scratch(memory.data(), memory.size());
  }
}

TEST_F(ScratchShard, RestartsOnlyTheIsolateWhoseIndexIsOutOfRange) {
  for (const Act act : {Act::List, Act::Bytes, Act::Text, Act::Ring, Act::Map, Act::Push}) {
    const std::uint64_t before = crashes();
    const auto generation = [&](std::uint32_t slot) { return type(kHolder).meta[slot].generation; };
    const std::vector<std::uint32_t> old = {generation(0), generation(1), generation(2)};
    if (act != Act::Push) tell(kHolder, 1, act, 0);
    EXPECT_EQ(crashes(), before);
    tell(kHolder, 1, act, 1);
    EXPECT_EQ(crashes(), before + 1) << static_cast<int>(act);
    EXPECT_EQ(type(kHolder).live, 3u);
    EXPECT_EQ(generation(0), old[0]);
    EXPECT_EQ(generation(2), old[2]);
    // Slots are used in turn: with all but one taken it is the same one, a generation on.
    EXPECT_EQ(generation(1), old[1] + 1);
    tell(kHolder, 1, Act::List, 0);  // the new incarnation serves
    EXPECT_EQ(crashes(), before + 1);
  }
}

}  // namespace
}  // namespace tina::internal
