// SPDX-License-Identifier: Apache-2.0
// How long a tick is, and how many of them a time holds. Every arming of a timer divides by the
// tick's length, which is known at boot only, so the division is a multiplication by its
// reciprocal. Exact for times below 2^63 ns (292 years). Source: Granlund and Montgomery, "Division
// by invariant integers using multiplication" (PLDI 1994). Owned by the shard's thread; set once.
#pragma once

#include <bit>
#include <cstdint>

#include "tina/base.h"

namespace tina::internal {

class TickLength {
 public:
  TickLength() = default;
  /// Of `ns` > 1 nanoseconds.
  explicit TickLength(std::uint64_t ns)
      : ns_(ns), shift_(static_cast<unsigned>(std::bit_width(ns - 1)) - 1) {
    TINA_ASSERT(ns > 1);
    // ceil(2^(64 + shift) / ns), which fits since 2^shift < ns.
    const Wide power = Wide{1} << (64 + shift_);
    multiplier_ = static_cast<std::uint64_t>((power + ns - 1) / ns);
  }

  std::uint64_t ns() const { return ns_; }
  /// The ticks that have wholly passed.
  std::uint64_t passed(std::uint64_t ns) const {
    return static_cast<std::uint64_t>(Wide{ns} * multiplier_ >> 64) >> shift_;
  }
  /// The first tick that is not before `ns`.
  std::uint64_t from(std::uint64_t ns) const { return passed(ns + ns_ - 1); }

 private:
  __extension__ using Wide = unsigned __int128;

  std::uint64_t ns_ = 0;
  std::uint64_t multiplier_ = 0;
  unsigned shift_ = 0;
};

}  // namespace tina::internal
