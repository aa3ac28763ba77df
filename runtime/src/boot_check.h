// SPDX-License-Identifier: Apache-2.0
// What boot verifies before any thread starts: processors, backends, descriptors, ports. Each
// refusal is one line: what, where, why, and what to do. Main thread.
#pragma once

#include <cstdint>
#include <vector>

#include "src/boot.h"
#include "src/boot_backend.h"
#include "src/placement.h"

namespace tina::internal {

/// What the checks have found usable.
struct BootPlan {
  Placement placement;
  BackendChoice backend;
  std::vector<int> processors;  ///< by shard
  unsigned usable = 0;          ///< processors that this process may use
  /// Whether two shards have the same processor.
  bool shared = false;
  /// False where whom a shard waits for could not run meanwhile: on a machine with one processor,
  /// and where shards share one.
  bool spin = true;
  /// Of all listeners the most connections that may wait, and as many as the kernel lets.
  std::uint32_t backlog_wanted = 0, backlog_given = 0;
};

/// Fills `plan`; false after printing why the system cannot run here.
bool check_machine(const SystemTable& system, const void* config, const RunOptions& options,
                   BootPlan& plan);

/// Writes one line `tina: <text>` to stderr.
[[gnu::format(printf, 1, 2)]] void refuse(const char* format, ...);

}  // namespace tina::internal
