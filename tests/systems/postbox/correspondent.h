// SPDX-License-Identifier: Apache-2.0
// What the simulated world has put into postbox.tina's box, and whether that came out.
#pragma once

#include <cstddef>
#include <string>

namespace postbox {

inline std::string written;
inline std::size_t heard = 0;  ///< bytes
inline bool changed = false;   ///< other bytes than those that were written
inline bool all_came_out = false;

}  // namespace postbox
