// SPDX-License-Identifier: Apache-2.0
// The chooser: what one entity draws is a function of the seed, the domain, the entity and its own
// count, so that a new choice point changes no old one.
#include "sim/chooser.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace tina::sim {
namespace {

std::vector<std::uint64_t> draws(Chooser& chooser, Domain domain, std::uint64_t entity) {
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 20; ++i) values.push_back(chooser.choose(domain, entity, 1000));
  return values;
}

TEST(Chooser, GivesTheSameSequenceToTheSameSeed) {
  Chooser one(7);
  Chooser other(7);
  EXPECT_EQ(draws(one, Domain::kLatency, 3), draws(other, Domain::kLatency, 3));
}

TEST(Chooser, GivesOtherSequencesToOtherSeedsDomainsAndEntities) {
  Chooser one(7);
  Chooser other(8);
  const auto base = draws(one, Domain::kLatency, 3);
  EXPECT_NE(base, draws(other, Domain::kLatency, 3));
  EXPECT_NE(base, draws(one, Domain::kCrash, 3));
  EXPECT_NE(base, draws(one, Domain::kLatency, 4));
}

TEST(Chooser, DoesNotShiftAnEntityWhenAnotherOneDrawsMore) {
  Chooser quiet(7);
  Chooser busy(7);
  const auto expected = draws(quiet, Domain::kReadSize, 1);
  std::vector<std::uint64_t> values;
  for (int i = 0; i < 20; ++i) {
    busy.choose(Domain::kReadSize, 2, 10);
    busy.choose(Domain::kWriteSize, 1, 10);
    values.push_back(busy.choose(Domain::kReadSize, 1, 1000));
  }
  EXPECT_EQ(values, expected);
}

TEST(Chooser, SpreadsEvenlyOverWhatItMayChoose) {
  Chooser chooser(1);
  std::array<int, 10> seen{};
  for (int i = 0; i < 10'000; ++i) ++seen[chooser.choose(Domain::kPeer, 0, seen.size())];
  for (const int count : seen) {
    EXPECT_GT(count, 850);
    EXPECT_LT(count, 1150);
  }
}

TEST(Chooser, StaysWithinTheWholeRangeOf32Bits) {
  Chooser chooser(1);
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(chooser.choose(Domain::kPeer, 0, 1), 0U);
    EXPECT_LT(chooser.choose(Domain::kPeer, 0, std::uint64_t{1} << 32), std::uint64_t{1} << 32);
  }
}

TEST(Chooser, NeverChoosesAnEventOfRateZero) {
  Chooser chooser(1);
  for (int i = 0; i < 1000; ++i) EXPECT_FALSE(chooser.chance(Domain::kCrash, 0, 0));
}

// Changing these numbers changes what every seed ever reported means.
TEST(Chooser, KeepsTheMeaningOfASeed) {
  Chooser chooser(7);
  EXPECT_EQ(mix(1), 0x5692161d100b05e5U);
  EXPECT_EQ(combine(7, 1), 0x33180454ba17a00cU);
  EXPECT_EQ(chooser.choose(Domain::kCrash, 5, std::uint64_t{1} << 32), 2534435442U);
}

}  // namespace
}  // namespace tina::sim
