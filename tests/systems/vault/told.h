// SPDX-License-Identifier: Apache-2.0
// What the world has been told of the values of vault.tina, and what became of that.
#pragma once

#include <cstdint>

namespace vault {

struct Told {
  std::uint64_t value = 0;  ///< the last one, durable
  std::uint64_t swept = 0;  ///< files of values that nobody was told
  bool lost = false;        ///< what was there at a start is older than `value`, or no value
};
inline Told told;

}  // namespace vault
