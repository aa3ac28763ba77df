// SPDX-License-Identifier: Apache-2.0
// What must hold of the vault, or be seen in it.
#pragma once

#include "tina/sim.h"
#include "told.h"

namespace vault {

inline bool nothing_told_is_lost(const tina::sim::View&) { return !told.lost; }
inline bool much_is_told(const tina::sim::View&) { return told.value >= 100; }
inline bool something_was_swept(const tina::sim::View&) { return told.swept > 0; }

}  // namespace vault
