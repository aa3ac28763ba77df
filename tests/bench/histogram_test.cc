// SPDX-License-Identifier: Apache-2.0
//
// The histogram answers quantiles from counts alone. Goal: what it answers is never below the true
// value and at most 0.8 % above it, over the whole range, also after merging.

#include "load/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

namespace tina::load {
namespace {

constexpr double kQuantiles[] = {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 0.9999, 1.0};

/// The value of rank ceil(quantile x count), by sorting.
uint64_t TrueValueAt(std::vector<uint64_t> values, double quantile) {
  std::sort(values.begin(), values.end());
  const double wanted = std::ceil(quantile * static_cast<double>(values.size()));
  return values[std::max<size_t>(static_cast<size_t>(wanted), 1) - 1];
}

TEST(Histogram, AnswersZeroWhenEmpty) {
  const Histogram histogram;
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.ValueAt(0.5), 0U);
  EXPECT_EQ(histogram.max(), 0U);
}

TEST(Histogram, IsExactBelow256) {
  for (uint64_t value = 0; value < 256; ++value) {
    Histogram histogram;
    histogram.Record(value);
    histogram.Record(1000);  // so that the maximum does not give the answer
    EXPECT_EQ(histogram.ValueAt(0.5), value);
  }
}

TEST(Histogram, KeepsTheErrorBelowEightPerMilleAroundEveryPowerOfTwo) {
  for (unsigned bits = 1; bits < Histogram::kValueBits; ++bits) {
    for (const int64_t offset : {-1, 0, 1}) {
      const auto value = static_cast<uint64_t>((int64_t{1} << bits) + offset);
      Histogram histogram;
      histogram.Record(value);
      histogram.Record(Histogram::kValueMax);
      const uint64_t answer = histogram.ValueAt(0.5);
      EXPECT_GE(answer, value);
      EXPECT_LE(static_cast<double>(answer - value), 0.008 * static_cast<double>(value)) << value;
    }
  }
}

TEST(Histogram, AgreesWithSortingOnRandomValues) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> latency(10.0, 2.0);
  Histogram histogram;
  std::vector<uint64_t> values;
  for (int index = 0; index < 50'000; ++index) {
    const auto value = static_cast<uint64_t>(latency(random));
    values.push_back(value);
    histogram.Record(value);
  }
  for (const double quantile : kQuantiles) {
    const uint64_t truth = TrueValueAt(values, quantile);
    EXPECT_GE(histogram.ValueAt(quantile), truth) << quantile;
    EXPECT_LE(static_cast<double>(histogram.ValueAt(quantile)), 1.008 * static_cast<double>(truth))
        << quantile;
  }
  EXPECT_EQ(histogram.max(), *std::max_element(values.begin(), values.end()));
}

TEST(Histogram, NeverAnswersMoreThanTheMaximum) {
  Histogram histogram;
  histogram.Record(1'000'001);
  EXPECT_EQ(histogram.ValueAt(0.5), 1'000'001U);
  EXPECT_EQ(histogram.ValueAt(1.0), 1'000'001U);
}

TEST(Histogram, CountsValuesBeyondItsRangeAndKeepsTheirMaximum) {
  Histogram histogram;
  histogram.Record(UINT64_MAX);
  histogram.Record(5);
  EXPECT_EQ(histogram.count(), 2U);
  EXPECT_EQ(histogram.max(), UINT64_MAX);
  EXPECT_EQ(histogram.ValueAt(0.5), 5U);
  EXPECT_EQ(histogram.ValueAt(1.0), UINT64_MAX);
}

TEST(Histogram, MergesAsIfEverythingHadBeenRecordedInOne) {
  std::mt19937_64 random(11);
  Histogram left;
  Histogram right;
  Histogram both;
  for (int index = 0; index < 10'000; ++index) {
    const uint64_t value = random() >> (24 + random() % 40);
    (index % 3 == 0 ? left : right).Record(value);
    both.Record(value);
  }
  left.Merge(right);
  EXPECT_EQ(left.count(), both.count());
  EXPECT_EQ(left.max(), both.max());
  for (const double quantile : kQuantiles)
    EXPECT_EQ(left.ValueAt(quantile), both.ValueAt(quantile));
}

TEST(Histogram, ForgetsEverythingOnReset) {
  Histogram histogram;
  histogram.Record(77);
  histogram.Reset();
  EXPECT_EQ(histogram.count(), 0U);
  EXPECT_EQ(histogram.max(), 0U);
}

}  // namespace
}  // namespace tina::load
