// SPDX-License-Identifier: Apache-2.0
// The page of counters that a program shares with whoever reads it. Main thread, at the
// start.
#pragma once

#include "src/boot.h"
#include "src/observe.h"
#include "src/placement.h"

namespace tina::internal {

/// Makes the page, with all names in it. Null after one line on stderr that says what is refused.
CounterPage* make_page(const SystemTable& system, const RunOptions& options,
                       const Placement& placement);

}  // namespace tina::internal
