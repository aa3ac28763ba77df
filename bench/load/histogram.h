// SPDX-License-Identifier: Apache-2.0
//
// A log-linear histogram of durations in nanoseconds, in the manner of HdrHistogram: every power of
// two is split into 128 equal buckets, so a reported value is at most 0.8 % above the recorded one,
// over the whole range from 0 to 2^40 ns (18 minutes). It exists so that a load run of any length
// keeps exact counts in a fixed 34 KiB and never allocates. Values below 256 are exact; values
// above the range are counted in the last bucket, and max() stays exact. One thread owns a
// histogram.

#ifndef TINA_BENCH_LOAD_HISTOGRAM_H_
#define TINA_BENCH_LOAD_HISTOGRAM_H_

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace tina::load {

class Histogram {
 public:
  static constexpr unsigned kSubBucketBits = 7;
  static constexpr unsigned kValueBits = 40;
  static constexpr uint64_t kValueMax = (uint64_t{1} << kValueBits) - 1;

  /// Counts one value. Constant time (a count of leading zeros and one addition), no allocation.
  void Record(uint64_t value_ns) {
    max_ = std::max(max_, value_ns);
    ++count_;
    ++buckets_[IndexOf(value_ns)];
  }

  /// Adds every count of `other`. The cost is one pass over the buckets.
  void Merge(const Histogram& other) {
    for (size_t index = 0; index < kBuckets; ++index) buckets_[index] += other.buckets_[index];
    count_ += other.count_;
    max_ = std::max(max_, other.max_);
  }

  void Reset() { *this = Histogram(); }

  /// The smallest bucket bound that at least `quantile` of the values do not exceed, never above
  /// max(). A quantile outside [0, 1] is clamped; an empty histogram answers 0.
  [[nodiscard]] uint64_t ValueAt(double quantile) const {
    if (count_ == 0) return 0;
    const double share = std::clamp(quantile, 0.0, 1.0);
    const auto wanted = static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_)));
    const uint64_t rank = std::clamp<uint64_t>(wanted, 1, count_);
    uint64_t seen = 0;
    for (size_t index = 0; index < kBuckets; ++index) {
      seen += buckets_[index];
      // The last bucket also holds everything beyond the range: only the maximum is true of it.
      if (seen >= rank) return index + 1 == kBuckets ? max_ : std::min(UpperBoundOf(index), max_);
    }
    return max_;
  }

  [[nodiscard]] uint64_t count() const { return count_; }
  [[nodiscard]] uint64_t max() const { return max_; }

 private:
  static constexpr uint64_t kSubBuckets = uint64_t{1} << kSubBucketBits;
  static constexpr size_t kBuckets = (kValueBits - kSubBucketBits + 1) * kSubBuckets;

  /// Octave 0 and 1 share one linear run of 2 x 128 values; each later octave has 128 buckets.
  static constexpr size_t IndexOf(uint64_t value_ns) {
    const uint64_t value = std::min(value_ns, kValueMax);
    const auto width = static_cast<unsigned>(std::bit_width(value));
    const unsigned shift = width > kSubBucketBits + 1 ? width - (kSubBucketBits + 1) : 0;
    return static_cast<size_t>(shift * kSubBuckets + (value >> shift));
  }

  static constexpr uint64_t UpperBoundOf(size_t index) {
    if (index < 2 * kSubBuckets) return index;
    const uint64_t shift = index / kSubBuckets - 1;
    return ((index - shift * kSubBuckets + 1) << shift) - 1;
  }

  static_assert((kValueBits - kSubBucketBits - 1) * kSubBuckets + 2 * kSubBuckets == kBuckets);

  std::array<uint64_t, kBuckets> buckets_{};
  uint64_t count_ = 0;
  uint64_t max_ = 0;
};

}  // namespace tina::load

#endif  // TINA_BENCH_LOAD_HISTOGRAM_H_
