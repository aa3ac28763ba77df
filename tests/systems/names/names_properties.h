// SPDX-License-Identifier: Apache-2.0
// What must hold of the server, or be seen of it. Its clients compare what they are told
// (simulation.cc).
#pragma once

#include "tina/sim.h"

namespace names {

/// Lines that the clients of this run have had so far: with an address; `late`; and any that is not
/// what it is where nothing fails.
inline unsigned found_lines, late_lines, other_lines;

inline bool a_name_is_found(const tina::sim::View&) { return found_lines > 0; }
inline bool a_client_is_late(const tina::sim::View&) { return late_lines > 0; }
inline bool something_is_wrong(const tina::sim::View&) { return other_lines > 0; }
inline bool all_is_told(const tina::sim::View&) { return late_lines + other_lines == 0; }

}  // namespace names
