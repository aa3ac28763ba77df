// SPDX-License-Identifier: Apache-2.0
// The predicates of the spec's properties.
#pragma once

#include "client.h"
#include "tina/sim.h"
#include "worker.h"

namespace features {

inline bool no_worker_without_client(const tina::sim::View& world) {
  return world.live<Worker>() == 0 || world.live<Client>() > 0;
}
inline bool busy(const tina::sim::View& world) { return world.live<Worker>() > 1; }
bool done_in_time(const tina::sim::View& world);

}  // namespace features
