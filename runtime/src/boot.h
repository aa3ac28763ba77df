// SPDX-License-Identifier: Apache-2.0
// From tables to a running process and back: checks what the machine must give, builds the shards,
// starts one pinned thread each, turns log records into lines, and takes the signals. Invariants:
// whatever cannot work is said in one line before any thread starts; after `boot complete` nothing
// allocates. Main thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>

#include "src/boot_backend.h"
#include "tina/table.h"

namespace tina::internal {

struct RunOptions {
  unsigned shards = 0;             ///< 0: what the spec says
  const char* counters = nullptr;  ///< file for the counter page; null: none
  bool prefault = true;            ///< make the arenas present before serving
  BackendWish backend = BackendWish::kAuto;
  std::string dns;  ///< servers that resolvers ask; empty: those of the machine
};

/// Exit statuses of a program.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

/// Runs the system until it is told to end (SIGTERM, SIGINT) or has nothing left to run. Returns
/// the exit status: 0 after a drain, 1 if it could not start or every shard gave up.
[[gnu::cold]] int run_system(const SystemTable& system, const void* config,
                             const RunOptions& options);

/// Where an allocation guard counts while the system serves; null before and after.
extern std::atomic<std::atomic<std::uint64_t>*> g_allocation_counter;

/// Prints where every byte of a shard lies, as a table or as JSON. `budget` command.
int print_budget(const SystemTable& system, bool json);
/// Prints shards, supervision tree and isolate types. `topology` command.
int print_topology(const SystemTable& system);
/// Prints the counter page in a file, of a running or ended program. `counters` command.
int print_counters(const char* path, bool json);

}  // namespace tina::internal

/// Defined by an allocation guard, if one is linked in: says that allocations are counted.
extern "C" [[gnu::weak]] bool tina_allocation_guard_linked();
