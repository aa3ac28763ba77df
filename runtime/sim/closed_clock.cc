// SPDX-License-Identifier: Apache-2.0
// See closed_clock.h.
#include "sim/closed_clock.h"

#include <sys/prctl.h>

namespace tina::sim {

ClosedClock::ClosedClock() : closed_(::prctl(PR_SET_TSC, PR_TSC_SIGSEGV, 0, 0, 0) == 0) {}

ClosedClock::~ClosedClock() {
  if (closed_) ::prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0);
}

}  // namespace tina::sim
