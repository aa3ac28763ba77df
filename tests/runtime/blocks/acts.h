// SPDX-License-Identifier: Apache-2.0
// What the handlers of blocks.tina share: a record of what they saw.
#pragma once

#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "blocks.tina.h"

namespace blocks {

inline std::vector<std::pair<std::string, std::uint64_t>> seen;
inline std::vector<tina::SendResult> sent;
inline tina::Ref<Holder> last_holder;

inline void see(const char* what, std::uint64_t value) { seen.emplace_back(what, value); }

/// Ends the handler in one of the ways that leave no time to tidy up.
inline void misbehave(Act act) {
  if (act == Act::CRASH) TINA_ASSERT(seen.empty() && !seen.empty());
  if (act == Act::THROW) throw std::runtime_error("thrown by a handler");
}

}  // namespace blocks
