// SPDX-License-Identifier: Apache-2.0
// What the world has been told of the log of journal.tina, and what became of that.
#pragma once

#include <cstdint>

namespace journal {

struct Told {
  std::uint64_t kept = 0;  ///< records that were acknowledged, the first ones
  std::uint64_t torn = 0;  ///< times that the end of the log was no whole record
  bool lost = false;       ///< a record that was acknowledged was not read back
};
inline Told told;

}  // namespace journal
