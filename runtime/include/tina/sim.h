// SPDX-License-Identifier: Apache-2.0
// Deterministic simulation of a system: the same handlers and the same pass over a simulated clock and
// network, decided by a seed. Main thread; never at the same time as a real run.
#pragma once

#include "tina/main.h"

namespace tina::sim {

/// Runs `system` in simulation and prints its trace hash. Returns the exit status.
int simulate(const internal::SystemTable& system, const void* config,
             const SimulateOptions& options);

}  // namespace tina::sim
