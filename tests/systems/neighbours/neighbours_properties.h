// SPDX-License-Identifier: Apache-2.0
// What must hold of the calls, or be seen.
#pragma once

#include "caller.h"
#include "tina/sim.h"
#include "writer.h"

namespace neighbours {

inline bool every_word_is_right(const tina::sim::View&) { return wrong == 0; }
inline bool all_is_said(const tina::sim::View& world) {
  return world.live<Caller>() == 0 && world.live<Writer>() == 0;
}
inline bool a_call_fails(const tina::sim::View&) { return failed > 0; }

}  // namespace neighbours
