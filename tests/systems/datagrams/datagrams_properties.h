// SPDX-License-Identifier: Apache-2.0
// What must hold of the questions and answers, or be seen.
#pragma once

#include "asker.h"
#include "tina/sim.h"

namespace datagrams {

inline bool every_answer_is_right(const tina::sim::View&) { return wrong == 0; }
inline bool all_is_answered(const tina::sim::View& world) { return world.live<Asker>() == 0; }
inline bool one_comes_twice(const tina::sim::View&) { return again > 0; }

}  // namespace datagrams
