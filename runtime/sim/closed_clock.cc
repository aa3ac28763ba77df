// SPDX-License-Identifier: Apache-2.0
// See closed_clock.h.
#include "sim/closed_clock.h"

#include <sys/prctl.h>

namespace tina::sim {

ClosedClock::ClosedClock() : works_(::prctl(PR_SET_TSC, PR_TSC_ENABLE, 0, 0, 0) == 0) {}

void ClosedClock::set(bool closed) {
  closed_ = closed;
  ::prctl(PR_SET_TSC, closed ? PR_TSC_SIGSEGV : PR_TSC_ENABLE, 0, 0, 0);
}

}  // namespace tina::sim
