// SPDX-License-Identifier: Apache-2.0
// The goal: whoever reads a row of the counter page while its shard writes it gets counts of one
// moment, and a row that was left half written is read all the same.
#include "src/observe.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace tina::internal {
namespace {

class Page : public ::testing::Test {
 protected:
  CounterPage& page() { return *reinterpret_cast<CounterPage*>(memory_.data()); }
  void write(std::uint64_t value) {
    types_.front().count.accepted = types_.back().count.downs = value;
    counters_.passes = counters_.remote_lost = value;
    publish(page(), core_, counters_);
  }

  void SetUp() override {
    core_.types = types_.data();
    core_.type_count = static_cast<std::uint16_t>(types_.size());
    page().types = core_.type_count;
  }

  std::vector<std::uint64_t> memory_ =
      std::vector<std::uint64_t>(CounterPage::size(1) / sizeof(std::uint64_t) + 1);
  std::vector<TypeBlock> types_ = std::vector<TypeBlock>(8);
  ShardCounters counters_{};
  ShardCore core_;
};

TEST_F(Page, ARowIsOfOneMomentThoughItIsWrittenAllTheTime) {
  std::atomic<bool> enough{false};
  std::thread writer([&] {
    for (std::uint64_t value = 1; !enough.load(); ++value) {
      write(value);
      for (volatile int passes = 0; passes < 500;) passes = passes + 1;
    }
  });
  auto row = std::make_unique<CounterPage::ShardRow>();
  std::uint64_t newest = 0;
  for (int looks = 0; looks < 2'000 || newest == 0;) {
    if (!read_row(page(), 0, *row)) continue;
    ++looks;
    const std::uint64_t value = row->count.passes;
    EXPECT_EQ(row->count.remote_lost, value);
    EXPECT_EQ(row->types[0].count.accepted, value);
    EXPECT_EQ(row->types[7].count.downs, value);
    EXPECT_GE(value, newest);
    if (HasFailure()) break;
    newest = value;
  }
  enough = true;
  writer.join();
}

TEST_F(Page, ARowThatWasLeftHalfWrittenIsReadAllTheSame) {
  write(3);
  ++page().shard[0].version;
  auto row = std::make_unique<CounterPage::ShardRow>();
  EXPECT_FALSE(read_row(page(), 0, *row));
  EXPECT_EQ(row->count.passes, 3u);
}

}  // namespace
}  // namespace tina::internal
