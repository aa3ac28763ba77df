// SPDX-License-Identifier: Apache-2.0
// Which backend the shards of a process have: io_uring, or epoll where that is refused or asked
// for. Decided once, before any thread starts, for all shards alike. Main thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/os_lanes.h"
#include "src/os_uring.h"
#include "tina/table.h"

namespace tina::internal {

enum class Backend : std::uint8_t { kIoUring, kEpoll };
const char* name(Backend backend);
/// What the command line asks for.
enum class BackendWish : std::uint8_t { kAuto, kIoUring, kEpoll };

/// The wish that a word of the command line means; false if it means none.
bool parse_backend(const std::string& word, BackendWish& wish);
const char* name(BackendWish wish);

/// What was found, for the log and for the shards.
struct BackendChoice {
  Backend backend = Backend::kIoUring;
  std::int32_t refused = 0;  ///< errno with which io_uring was refused; 0: it was not
  bool asked = false;
  std::string features;  ///< what the kernel has of it, words with commas
};

/// Chooses for so many shards of at most so many lanes; false after printing why there is none.
bool choose_backend(BackendWish wish, unsigned shards, std::uint32_t lanes, BackendChoice& choice);
/// One line on the choice.
void print_backend(const BackendChoice& choice);

/// The lanes of a role's I/O objects: operations that a shard may have outstanding at once.
std::vector<LaneGroup> lane_groups(const RoleTable& role);
std::uint32_t lanes_of(const RoleTable& role);
/// Those of them whose operations may have to wait in a thread.
std::uint32_t waiting_lanes(const RoleTable& role);
/// What its I/O objects read ahead.
ReadAheads read_aheads(const RoleTable& role);
/// One line if a shard got fewer groups for that.
void print_read_ahead(ShardId shard, std::uint32_t groups, const ReadAheads& wanted);

}  // namespace tina::internal
