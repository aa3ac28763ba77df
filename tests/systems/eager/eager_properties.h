// SPDX-License-Identifier: Apache-2.0
// What must be seen of the echoes.
#pragma once

#include <cstdint>

#include "tina/sim.h"

namespace eager {

/// Callers who have heard all that they said, at least once.
inline std::uint32_t content = 0;

inline bool some_are_echoed(const tina::sim::View&) { return content > 2; }

}  // namespace eager
