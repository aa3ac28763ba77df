// SPDX-License-Identifier: Apache-2.0
// A child of the spawn benchmark: says that it has lived, in its turn, and ends. Shard's thread.
#pragma once

#include "spawn.tina.h"

namespace spawn_bench {

/// Lives so far. Isolates share nothing; here they do, because a message would be measured too.
inline std::uint64_t lived = 0;

/// Of a child that does not end: no life has this number.
inline constexpr std::uint64_t kRests = ~std::uint64_t{0};
inline std::uint64_t resting = 0;

struct Child : ChildBase {
  InitResult on_init(ChildInit&& init, Context&) {
    if (init.number != lived) [[unlikely]] {
      if (init.number != kRests) return crash("life out of sequence");
      ++resting;
      return ok();
    }
    ++lived;
    return done();
  }
};

}  // namespace spawn_bench
