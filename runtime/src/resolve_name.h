// SPDX-License-Identifier: Apache-2.0
// What can be said of a name without asking anybody, the same in production and in simulation. Any
// thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "tina/operand_resolve.h"

namespace tina::internal {

/// What `resolve_at_once` says of a name that somebody must be asked about.
inline constexpr std::int32_t kAskOthers = 0;

/// Ends a resolve whose question says all: -EINVAL for what is no name, 1 for a literal address,
/// which is then the answer; else kAskOthers.
std::int32_t resolve_at_once(const ResolveQuestion& question, ResolveAnswer& answer);

/// Reads "127.0.0.1", "::1" or, with the number of an interface, "fe80::1%2". False: it is none.
bool parse_host(std::string_view text, net::Address& address);

}  // namespace tina::internal
