// SPDX-License-Identifier: Apache-2.0
// The goal: reads that wait for a buffer get it first come first served, whoever of them leaves
// the row, and one that leaves costs the same wherever it stands.
#include <algorithm>
#include <numeric>

#include "object_fixture.h"
#include "parked.system.h"
#include "reader.h"

namespace tina::internal {
namespace {

using parked::contract::kReader;
using Row = std::vector<std::uint32_t>;

constexpr std::uint32_t kReaders = parked::READERS;

class Parked : public ObjectShard {
 protected:
  void SetUp() override {
    ProbeShard::SetUp();
    parked::ends.clear();
    boot(parked::parked::kSystem);
    for (std::uint32_t i = 0; i < kReaders; ++i) {
      type(kReader).object(i, 0) = {100 + static_cast<std::int32_t>(i), ObjectPhase::kOpen, 0, 0};
    }
  }
  /// The first one gets the buffer, the others wait in the row of their numbers.
  void park(std::uint32_t count) {
    for (std::uint32_t i = 0; i <= count; ++i) {
      const Handle reader = Handle::make(ShardId{0}, i, type(kReader).meta[i].generation);
      queued(send(kReader, reader, 0, parked::Order{.offset = 0}));
    }
    run();
    ASSERT_EQ(reactor().parked_total(), count);
  }
  void end(std::uint32_t slot) { end_isolate(shard->parts, type(kReader), slot, Exit::kKilled); }
  /// Each read ends, until nobody waits: who has had the buffer.
  Row served() {
    while (!platform.started.empty()) complete(take_started(OpCode::kRead), 5);
    EXPECT_EQ(reactor().free_buffers(), 1u);
    return std::exchange(parked::ends, {});
  }
};

/// The numbers from 0 to `count`, without some.
Row all_but(std::uint32_t count, const Row& gone) {
  Row row;
  for (std::uint32_t i = 0; i <= count; ++i) {
    if (std::ranges::find(gone, i) == gone.end()) row.push_back(i);
  }
  return row;
}

TEST_F(Parked, AreServedInTheirOrder) {
  park(100);
  EXPECT_EQ(served(), all_but(100, {}));
}

TEST_F(Parked, WhoLeavesTheRowIsSkippedWhereverItStands) {
  for (const Row& gone : {Row{1}, Row{9}, Row{5}, Row{1, 2}, Row{9, 8}, Row{4, 6, 5},
                          Row{1, 2, 3, 4, 5, 6, 7, 8, 9}, Row{9, 8, 7, 6, 5, 4, 3, 2, 1}}) {
    SetUp();
    park(9);
    for (const std::uint32_t slot : gone) end(slot);
    EXPECT_EQ(served(), all_but(9, gone));
  }
}

TEST_F(Parked, TheRowGoesOnBehindWhoLeft) {
  park(3);
  end(3);
  end(2);
  const Handle last = Handle::make(ShardId{0}, 7, type(kReader).meta[7].generation);
  queued(send(kReader, last, 0, parked::Order{.offset = 0}));
  run();
  EXPECT_EQ(served(), (Row{0, 1, 7}));
}

TEST_F(Parked, AllMayLeaveFromTheLastOn) {
  park(kReaders - 1);
  for (std::uint32_t i = kReaders - 1; i > 0; --i) end(i);
  EXPECT_EQ(served(), Row{0});
}

}  // namespace
}  // namespace tina::internal
