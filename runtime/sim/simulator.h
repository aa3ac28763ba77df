// SPDX-License-Identifier: Apache-2.0
// A seed, run twice in one process. The first run's arenas stay mapped during the second one, and
// the heap and all static data have aged, so that whatever a handler takes from an address or from
// what survives a run, parts the two runs and is named. Main thread.
#pragma once

#include <string>

#include "sim/world.h"

namespace tina::sim {

struct Verdict {
  Outcome outcome;         ///< of the first run; of the second if only that one failed
  std::string divergence;  ///< empty: the runs are equal, or the first one failed
  bool repeated = false;   ///< there was a second run

  bool ok() const { return outcome.failures.empty() && divergence.empty(); }
};

/// Runs `system` under `options`, and once more if all properties held.
Verdict run_twice(const internal::SystemTable& system, const void* config,
                  const WorldOptions& options);

/// Prints to stderr the last lines of the log, what failed, and where two runs parted.
void print_failures(const Verdict& verdict);

/// Prints the summary to stdout, as text or as one JSON object, and failures to stderr.
void print_report(const internal::SystemTable& system, const WorldOptions& options,
                  const Verdict& verdict, bool json);

}  // namespace tina::sim
