// SPDX-License-Identifier: Apache-2.0
// See simulator.h and tina/sim.h.
#include "sim/simulator.h"

#include <cstdio>

namespace tina::sim {

Verdict run_twice(const internal::SystemTable& system, const void* config,
                  const WorldOptions& options) {
  Verdict verdict;
  Trace first_trace(nullptr);
  World first(system, config, options, first_trace);
  verdict.outcome = first.run();
  if (!verdict.outcome.failures.empty()) return verdict;
  Trace second_trace(&first_trace);
  World second(system, config, options, second_trace);
  const Outcome again = second.run();
  verdict.repeated = true;
  if (second_trace.diverged()) {
    verdict.divergence = second_trace.divergence();
  } else if (!again.failures.empty()) {
    verdict.outcome = again;
  }
  return verdict;
}

int simulate(const internal::SystemTable& system, const void* config,
             const SimulateOptions& options) {
  WorldOptions world;
  world.seed = options.seed;
  if (tina_simulated_peers != nullptr) world.peers = tina_simulated_peers;
  const Verdict verdict = run_twice(system, config, world);
  print_report(system, world, verdict, options.json);
  return verdict.ok() ? 0 : 1;
}

}  // namespace tina::sim
