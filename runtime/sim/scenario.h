// SPDX-License-Identifier: Apache-2.0
// A scenario of the spec, turned into options of the simulator and run seed by seed. Invariant: a
// scenario that holds something that the simulator cannot do is refused before anything runs, so a
// green scenario has shown all that it says. Main thread.
#pragma once

#include <string>

#include "sim/simulator.h"
#include "tina/scenario.h"

namespace tina::sim {

/// The scenario of this name, or null.
const internal::ScenarioTable* find_scenario(const internal::SystemTable& system, const char* name);

/// Why this program cannot run the scenario; empty if it can.
std::string why_not(const internal::SystemTable& system, const internal::ScenarioTable& scenario);

/// What the scenario asks of each of its runs; the seed is left as it is.
WorldOptions options_of(const internal::SystemTable& system,
                        const internal::ScenarioTable& scenario, const Kinds& kinds = all_kinds());

/// Runs the seeds `first` to `last`, each twice, and prints what came of it. Ends at the first seed
/// that fails, with the line that reproduces it. Returns the exit status.
int run_scenario(const internal::SystemTable& system, const void* config,
                 const internal::ScenarioTable& scenario, const SimulateOptions& options,
                 const Kinds& kinds = all_kinds());

}  // namespace tina::sim
