// SPDX-License-Identifier: Apache-2.0
// What probe handlers share: a record of what they saw, and the ways to misbehave.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "probe.tina.h"

namespace probe {

using Seen = std::vector<std::pair<std::string, std::uint64_t>>;
inline Seen seen;
inline std::vector<tina::SendResult> send_results;

inline void see(const char* what, std::uint64_t value) { seen.emplace_back(what, value); }

/// Uses up the stack: each frame writes a page. `forever` keeps the compiler from seeing the end.
[[gnu::noinline]] inline int overflow(const volatile bool& forever) {
  volatile char page[4096];
  page[0] = 1;
  page[4095] = page[0];
  return forever ? overflow(forever) + page[4095] : 0;
}

/// Does what a handler must not do; returns if `act` is harmless.
__attribute__((noinline, no_sanitize("undefined"))) inline void misbehave(Act act) {
  volatile int* volatile nowhere = nullptr;
  volatile int zero = 0;
  volatile int number = 7;
  const volatile bool forever = true;
  switch (act) {
    case Act::FAIL:
      TINA_ASSERT(zero == 1);
      break;
    case Act::FAULT:
      *nowhere = 1;
      break;
    case Act::DIVIDE:
      zero = number / zero;
      break;
    case Act::OVERFLOW:
      zero = overflow(forever);
      break;
    case Act::THROW:
      throw std::runtime_error("thrown by a handler");
    default:
      break;
  }
}

}  // namespace probe
