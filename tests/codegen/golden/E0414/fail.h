#pragma once

#include "greeter.h"
#include "tina/sim.h"

namespace p {

inline bool one_greter(const tina::sim::View& world) { return world.live<Greeter>() <= 1; }

}  // namespace p
