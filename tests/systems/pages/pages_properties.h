// SPDX-License-Identifier: Apache-2.0
// What becomes of pages.
#pragma once

#include "sample.h"
#include "tina/sim.h"

namespace pages {

inline bool a_page_was_sent_whole(const tina::sim::View&) { return whole > 0; }
inline bool a_page_was_cut_off(const tina::sim::View&) { return cut_off > 0; }

}  // namespace pages
