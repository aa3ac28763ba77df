// SPDX-License-Identifier: Apache-2.0
// Numbers the lanes of a shard without gaps, for backends that keep a record per lane. Invariant: a
// token of the shard has a number below `count()`, and no two tokens have the same. Immutable once
// started.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "src/os_backend.h"
#include "tina/base.h"

namespace tina::internal {

/// The lanes of one isolate type: its token's type is its place in the list.
struct LaneGroup {
  std::uint32_t slots;
  std::uint32_t records;  ///< per slot; 0: the type has no lanes
};

class LaneNumbers {
 public:
  static constexpr std::size_t kGroupsMax = 256;

  void start(std::span<const LaneGroup> groups) {
    TINA_ASSERT(groups.size() <= kGroupsMax);
    count_ = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      groups_[i] = {count_, groups[i].records};
      count_ += groups[i].slots * groups[i].records;
    }
  }
  std::uint32_t count() const { return count_; }
  std::uint32_t of(Token token) const {
    const Group& group = groups_[token.type()];
    const std::uint32_t number = group.first + token.slot() * group.records + token.record();
    TINA_DCHECK(token.record() < group.records && number < count_);
    return number;
  }

 private:
  struct Group {
    std::uint32_t first, records;
  };
  std::array<Group, kGroupsMax> groups_{};
  std::uint32_t count_ = 0;
};

}  // namespace tina::internal
