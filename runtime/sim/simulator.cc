// SPDX-License-Identifier: Apache-2.0
// See simulator.h and tina/sim.h.
#include "sim/simulator.h"

#include <cstdio>

#include "sim/scenario.h"

namespace tina::sim {
namespace {

constexpr int kExitRefused = 2;

int refuse_name(const internal::SystemTable& system, const char* name) {
  std::string known;
  for (const internal::ScenarioTable& scenario : system.scenarios) {
    known += (known.empty() ? "\"" : ", \"") + std::string(scenario.name) + "\"";
  }
  std::fprintf(stderr, "tina: system %s has no scenario \"%s\"; %s%s\n", system.name, name,
               known.empty() ? "its spec declares none for it" : "say one of ", known.c_str());
  return kExitRefused;
}

}  // namespace

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
             const SimulateOptions& options, const Kinds& kinds) {
  if (options.scenario != nullptr) {
    const internal::ScenarioTable* const scenario = find_scenario(system, options.scenario);
    if (scenario == nullptr) return refuse_name(system, options.scenario);
    const std::string reason = why_not(system, *scenario);
    if (reason.empty()) return run_scenario(system, config, *scenario, options, kinds);
    std::fprintf(stderr, "tina: scenario \"%s\" cannot run here: %s\n", scenario->name,
                 reason.c_str());
    return kExitRefused;
  }
  WorldOptions world{.kinds = kinds};
  world.seed = options.seed.value_or(0);
  if (tina_simulated_peers != nullptr) world.peers = tina_simulated_peers;
  const Verdict verdict = run_twice(system, config, world);
  print_report(system, world, verdict, options.json);
  return verdict.ok() ? 0 : 1;
}

}  // namespace tina::sim
