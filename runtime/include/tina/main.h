// SPDX-License-Identifier: Apache-2.0
// The door of a generated `main`: one binary that runs, simulates and explains its system.
// Called once, on the main thread, before any other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "tina/table.h"

namespace tina {

/// What `simulate` is asked for.
struct SimulateOptions {
  std::optional<std::uint64_t> seed;  ///< 0 unless a scenario says which
  bool json = false;
  const char* scenario = nullptr;  ///< the name of one of the system's; null: none
};

/// Runs the system in simulation and prints its trace hash; returns the exit status. Implemented by
/// `tina::sim::simulate`.
using SimulateCommand = int (*)(const internal::SystemTable&, const void* config,
                                const SimulateOptions&);

/// Parses the command line (`run`, `simulate`, `budget`, `topology`, `counters`, `--help`) and does
/// what it says. `config` is called after parsing and returns the start-time configuration.
/// Returns the exit status: 0 done, 1 failed, 2 the command line is wrong (one line on stderr).
int run_main(const internal::SystemTable& system, const void* (*config)(), SimulateCommand simulate,
             int argc, char** argv);

}  // namespace tina
