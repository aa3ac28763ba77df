// SPDX-License-Identifier: Apache-2.0
// What must hold of what comes out of the box.
#pragma once

#include "correspondent.h"
#include "postman.h"
#include "tina/sim.h"

namespace postbox {

inline bool nothing_is_changed(const tina::sim::View&) { return !changed; }
inline bool all_comes_out(const tina::sim::View&) { return all_came_out; }
inline bool a_reader_leaves(const tina::sim::View&) { return undelivered > 0; }

}  // namespace postbox
