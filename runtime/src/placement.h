// SPDX-License-Identifier: Apache-2.0
// Which shards run which role. A spec says for each role how many shards it has at most; how many
// there are is known when the machine is. Invariant: shards are numbered through, role after role,
// in the order of the roles' first numbers in the spec. Immutable once built, so any thread may
// read it.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "tina/table.h"

namespace tina::internal {

class Placement {
 public:
  Placement() = default;
  /// Places `total` shards: roles with a fixed number get theirs, `auto` roles at least one each
  /// and then the rest by turns. A system of one fixed role takes fewer, if fewer are wanted.
  Placement(const SystemTable& system, unsigned total);

  /// The fewest shards that `system` can run with, and the most.
  static unsigned least(const SystemTable& system);
  static unsigned most(const SystemTable& system);

  unsigned shards() const { return static_cast<unsigned>(role_of_.size()); }
  std::span<const RoleShards> roles() const { return roles_; }
  /// The number of the role that a shard runs.
  unsigned role_of(unsigned shard) const { return role_of_[shard]; }
  const RoleShards& role(unsigned number) const { return roles_[number]; }

 private:
  std::vector<RoleShards> roles_;
  std::vector<std::uint16_t> role_of_;
};

}  // namespace tina::internal
