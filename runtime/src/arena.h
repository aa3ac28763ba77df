// SPDX-License-Identifier: Apache-2.0
// The Grand Arena: one block per shard in which the constexpr layout places every byte. Filled once
// at boot; nothing is allocated in it later. Invariants: regions lie where tina/layout.h says, each
// followed by a canary. Owned by the shard's thread; built before it runs.
#pragma once

#include <array>
#include <cstdint>

#include "tina/layout.h"
#include "tina/shard_core.h"

namespace tina::internal {

/// Regions that are not a type's, by part.
struct ShardRegions {
  std::byte* buffers = nullptr;
  std::byte* blobs = nullptr;
  std::byte* block_records = nullptr;
  std::byte* scratch = nullptr;
  std::byte* children = nullptr;
  std::byte* supervisors = nullptr;
  std::byte* places = nullptr;
  std::byte* restart_window = nullptr;
  std::byte* timers = nullptr;
  std::byte* monitors = nullptr;
  std::byte* inbound_rings = nullptr;
  std::byte* log = nullptr;
};

/// The canaries of an arena, for the structural check after a fault.
struct Canaries {
  std::array<const std::byte*, kTypesMax * 15 + 17> at{};
  std::uint32_t count = 0;
};

/// Lays a role out in `memory`, which holds arena_size(role) zeroed bytes: type blocks with their
/// pointers, generations at 1, all slots free. O(slots).
ShardRegions build_arena(const RoleTable& role, std::byte* memory, ShardCore& core,
                         Canaries& canaries);

}  // namespace tina::internal
