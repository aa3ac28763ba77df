// SPDX-License-Identifier: Apache-2.0
// What the simulated world has typed into filter.tina's system, and has read from it.
#pragma once

#include <string>

namespace filter {

inline std::string typed;
inline std::string seen;
inline bool all_typed = false;

}  // namespace filter
