// SPDX-License-Identifier: Apache-2.0
// The outside world of vault.tina: nobody. Each run begins with an empty disk, and has been told
// nothing.
#include "tina/sim.h"
#include "told.h"

void tina_simulated_peers(tina::sim::Peers&) { vault::told = {}; }
