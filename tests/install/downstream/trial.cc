// SPDX-License-Identifier: Apache-2.0
// A test of one's own: the system in simulation, seed after seed, without its generated main.
#include <cstdint>

#include "echo.system.h"
#include "tina/sim.h"

int main() {
  static echo::Config config;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const tina::SimulateOptions options{.seed = seed};
    if (tina::sim::simulate(echo::echo::kSystem, &config, options) != 0) return 1;
  }
  return 0;
}
