// SPDX-License-Identifier: Apache-2.0
// The operand of a resolve: what is asked, and the addresses that are found. Invariant: the
// question is the shard's; the answer belongs to who resolves until the completion, so a later
// question never touches the answer to one that was given up. Lies in the arena beside its I/O
// object.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "tina/address.h"

namespace tina {

namespace net {

/// Addresses that one resolve brings at most: the first ones of a longer answer.
inline constexpr unsigned kResolvedMax = 8;
/// Bytes that a name has at most: RFC 1035 allows 253 without the last dot.
inline constexpr unsigned kHostNameMax = 255;

}  // namespace net

namespace internal {

/// What a resolve asks, as it travels in an effect. A name that is too long has `size` kTooLong.
struct ResolveQuestion {
  static constexpr std::uint16_t kTooLong = 0xffff;

  std::uint16_t port;
  std::uint16_t size;
  std::array<char, net::kHostNameMax + 1> name;

  static ResolveQuestion of(std::string_view name, std::uint16_t port) {
    ResolveQuestion asked;
    asked.port = port;
    asked.size =
        name.size() > net::kHostNameMax ? kTooLong : static_cast<std::uint16_t>(name.size());
    asked.name.fill('\0');
    if (asked.size != kTooLong) std::memcpy(asked.name.data(), name.data(), name.size());
    return asked;
  }
  /// The name; empty if it was too long.
  std::string_view text() const { return {name.data(), size == kTooLong ? 0U : size}; }
};
static_assert(sizeof(ResolveQuestion) == 260);

/// What was found: as many addresses as the operation's value says.
struct ResolveAnswer {
  std::array<net::Address, net::kResolvedMax> addresses;
};

struct ResolveOperand {
  ResolveQuestion question;
  std::uint32_t reserved;
  ResolveAnswer answer;
};
static_assert(sizeof(ResolveOperand) == 456);

}  // namespace internal

}  // namespace tina
