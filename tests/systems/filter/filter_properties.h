// SPDX-License-Identifier: Apache-2.0
// What must hold of what comes out of the filter.
#pragma once

#include "tina/sim.h"
#include "typist.h"

namespace filter {

inline bool nothing_is_changed(const tina::sim::View&) { return typed.starts_with(seen); }
inline bool all_comes_out(const tina::sim::View&) { return all_typed && seen == typed; }

}  // namespace filter
