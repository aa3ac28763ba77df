// SPDX-License-Identifier: Apache-2.0
// Addresses as people write them: "127.0.0.1:9000", "[::1]:9000", "[fe80::1%2]:9000". For
// configuration values: a handler reads one without a system call or an allocation, and trusts
// nothing in it. Names are not addresses. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "tina/address.h"

namespace tina::net {
namespace internal {

/// Takes a number of one to `digits_max` digits, up to `max`, from the front of the text.
constexpr bool take_number(std::string_view& text, std::uint32_t base, std::size_t digits_max,
                           std::uint32_t max, std::uint32_t& number) {
  number = 0;
  std::size_t digits = 0;
  for (; digits < text.size(); ++digits) {
    const char sign = text[digits];
    std::uint32_t digit = base;
    if (sign >= '0' && sign <= '9') digit = static_cast<std::uint32_t>(sign - '0');
    if (sign >= 'a' && sign <= 'f') digit = static_cast<std::uint32_t>(sign - 'a') + 10;
    if (sign >= 'A' && sign <= 'F') digit = static_cast<std::uint32_t>(sign - 'A') + 10;
    if (digit >= base) break;
    if (digits == digits_max) return false;
    number = number * base + digit;
  }
  text.remove_prefix(digits);
  return digits > 0 && number <= max;
}

constexpr bool take(std::string_view& text, char sign) {
  if (!text.starts_with(sign)) return false;
  text.remove_prefix(1);
  return true;
}

constexpr bool take_v4(std::string_view& text, std::uint32_t& host) {
  host = 0;
  for (unsigned part = 0; part < 4; ++part) {
    if (part > 0 && !take(text, '.')) return false;
    const bool zero = text.starts_with('0');  // 010 would be another number to some
    std::uint32_t byte = 0;
    if (!take_number(text, 10, zero ? 1 : 3, 255, byte)) return false;
    host = host << 8 | byte;
  }
  return true;
}

/// The groups of an IPv6 address, of which one `::` may stand for as many zeros as are missing.
class Groups {
 public:
  constexpr bool take_all(std::string_view& text) {
    if (text.starts_with("::")) {
      text.remove_prefix(2);
      gap_ = 0;
      if (!more(text)) return true;
    }
    while (take_group(text)) {
      if (!take(text, ':')) return gap_ == kNone ? count_ == 8 : count_ < 8;
      if (!take(text, ':')) continue;
      if (gap_ != kNone) return false;
      gap_ = count_;
      if (!more(text)) return count_ < 8;
    }
    return false;
  }
  constexpr std::array<std::uint8_t, 16> host() const {
    std::array<std::uint8_t, 16> bytes{};
    for (unsigned i = 0; i < count_; ++i) {
      const unsigned at = i < gap_ ? i : 8 - count_ + i;
      bytes[2 * at] = static_cast<std::uint8_t>(groups_[i] >> 8);
      bytes[2 * at + 1] = static_cast<std::uint8_t>(groups_[i]);
    }
    return bytes;
  }

 private:
  static constexpr unsigned kNone = 8;

  static constexpr bool more(std::string_view text) {
    return !text.empty() && text.front() != '%' && text.front() != ']';
  }
  /// One group, or the two that an IPv4 address at the end is.
  constexpr bool take_group(std::string_view& text) {
    const std::size_t end = text.find_first_of(".:%]");
    if (end != std::string_view::npos && text[end] == '.') {
      std::uint32_t v4 = 0;
      if (count_ > 6 || !take_v4(text, v4)) return false;
      groups_[count_++] = v4 >> 16;
      groups_[count_++] = v4 & 0xffff;
      return !more(text);
    }
    return count_ < 8 && take_number(text, 16, 4, 0xffff, groups_[count_++]);
  }

  std::array<std::uint32_t, 9> groups_{};
  unsigned count_ = 0;
  unsigned gap_ = kNone;  ///< so many groups stand before the `::`
};

}  // namespace internal

/// Reads an address and a port, which is not 0. False if the text is anything else; `into` is then
/// as it was.
[[nodiscard]] constexpr bool read_address(std::string_view text, Address& into) {
  Address found;
  if (internal::take(text, '[')) {
    internal::Groups groups;
    std::uint32_t zone = 0;
    if (!groups.take_all(text)) return false;
    if (internal::take(text, '%') && !internal::take_number(text, 10, 9, 999'999'999, zone)) {
      return false;
    }
    if (!internal::take(text, ']')) return false;
    found = Address::v6(groups.host(), 0, zone);
  } else {
    std::uint32_t host = 0;
    if (!internal::take_v4(text, host)) return false;
    found = Address::v4(host, 0);
  }
  std::uint32_t port = 0;
  if (!internal::take(text, ':') || !internal::take_number(text, 10, 5, 65535, port)) return false;
  if (port == 0 || !text.empty()) return false;
  found.port = static_cast<std::uint16_t>(port);
  into = found;
  return true;
}

}  // namespace tina::net
