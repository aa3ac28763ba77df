// SPDX-License-Identifier: Apache-2.0
// What the simulated world has sent to reload.tina's system.
#pragma once

#include <array>
#include <cstdint>

namespace reload {

inline std::array<std::uint32_t, 4> sent = {};  ///< by signal
inline bool all_sent = false;

}  // namespace reload
