// SPDX-License-Identifier: Apache-2.0
// What must hold of the log, or be seen in it.
#pragma once

#include "tina/sim.h"
#include "told.h"

namespace journal {

inline bool nothing_kept_is_lost(const tina::sim::View&) { return !told.lost; }
inline bool much_is_kept(const tina::sim::View&) { return told.kept >= 200; }
inline bool a_torn_record_is_cut(const tina::sim::View&) { return told.torn > 0; }

}  // namespace journal
