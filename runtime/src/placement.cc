// SPDX-License-Identifier: Apache-2.0
// See placement.h.
#include "src/placement.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tina::internal {

unsigned Placement::least(const SystemTable& system) {
  if (system.roles.size() == 1) return 1;
  unsigned shards = 0;
  for (const RoleTable& role : system.roles) shards += role.shards_auto ? 1U : role.shards_max;
  return shards;
}

unsigned Placement::most(const SystemTable& system) {
  unsigned shards = 0;
  for (const RoleTable& role : system.roles) shards += role.shards_max;
  return shards;
}

Placement::Placement(const SystemTable& system, unsigned total) {
  const std::span<const RoleTable> roles = system.roles;
  roles_.resize(roles.size());
  unsigned placed = 0;
  for (std::size_t i = 0; i < roles.size(); ++i) {
    roles_[i].count = roles[i].shards_auto ? 1 : roles[i].shards_max;
    if (roles.size() == 1) roles_[i].count = 1;
    placed += roles_[i].count;
  }
  for (bool grown = true; grown && placed < total;) {
    grown = false;
    for (std::size_t i = 0; i < roles.size() && placed < total; ++i) {
      if (roles_[i].count == roles[i].shards_max) continue;
      ++roles_[i].count;
      ++placed;
      grown = true;
    }
  }
  std::vector<std::size_t> order(roles.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(roles[i].first, i); });
  for (const std::size_t i : order) {
    roles_[i].first = static_cast<std::uint16_t>(role_of_.size());
    role_of_.insert(role_of_.end(), roles_[i].count, static_cast<std::uint16_t>(i));
  }
}

}  // namespace tina::internal
