// SPDX-License-Identifier: Apache-2.0
// What the handlers of the calls system share: a record of what they saw, who was spawned last, and
// the ways to misbehave.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "calls.tina.h"

namespace calls {

using Seen = std::vector<std::pair<std::string, std::uint64_t>>;
inline Seen seen;
inline tina::Ref<Server> last_server;
inline tina::Ref<Plain> last_plain;
inline tina::Ref<Client> last_client;
inline bool crash_on_news = false;  ///< what a client does when it hears of a quarantine

inline void see(const char* what, std::uint64_t value) { seen.emplace_back(what, value); }

/// Does what a handler must not do; returns if `act` is harmless.
__attribute__((noinline, no_sanitize("undefined"))) inline void misbehave(Act act) {
  volatile int* volatile nowhere = nullptr;
  if (act == Act::FAULT) *nowhere = 1;
  if (act == Act::THROW) throw std::runtime_error("thrown by a handler");
}

}  // namespace calls
