// SPDX-License-Identifier: Apache-2.0
// Addresses as text and back: "127.0.0.1:8080", "[::1]:8080", "[fe80::1%2]:8080", the last with the
// number of an interface. Written as RFC 5952 says. Nothing allocates; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "tina/address.h"

namespace tina::net {

namespace reading {

/// Takes a number from the front of a text: at most `digits_max` digits, at most `most`.
constexpr std::optional<std::uint32_t> take_number(std::string_view& text, unsigned base,
                                                   std::size_t digits_max, std::uint32_t most) {
  std::uint32_t value = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && digits < digits_max; ++digits) {
    const char c = text[digits];
    unsigned digit = base;
    if (c >= '0' && c <= '9') digit = static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') digit = static_cast<unsigned>(c - 'a') + 10;
    if (c >= 'A' && c <= 'F') digit = static_cast<unsigned>(c - 'A') + 10;
    if (digit >= base) break;
    value = value * base + digit;
    if (value > most) return std::nullopt;
  }
  if (digits == 0 || (base == 10 && digits > 1 && text[0] == '0')) return std::nullopt;
  text.remove_prefix(digits);
  return value;
}

constexpr bool take_char(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

/// Four numbers, which must be all of the text.
constexpr std::optional<std::uint32_t> parse_v4(std::string_view text) {
  std::uint32_t host = 0;
  for (unsigned i = 0; i < 4; ++i) {
    if (i > 0 && !take_char(text, '.')) return std::nullopt;
    const auto part = take_number(text, 10, 3, 255);
    if (!part) return std::nullopt;
    host = host << 8 | *part;
  }
  if (!text.empty()) return std::nullopt;
  return host;
}

/// The groups of an IPv6 address on one side of its "::".
struct Groups {
  std::array<std::uint16_t, 8> group{};
  std::size_t count = 0;

  constexpr bool add(std::uint32_t value) {
    if (count == group.size()) return false;
    group[count++] = static_cast<std::uint16_t>(value);
    return true;
  }
  /// Reads groups up to the end of the text or, if it may be, to a "::", which is taken.
  constexpr bool read(std::string_view& text, bool& gap) {
    while (!text.empty()) {
      if (text.starts_with("::")) {
        if (gap) return false;
        gap = true;
        text.remove_prefix(2);
        return true;
      }
      if (count > 0 && !take_char(text, ':')) return false;
      if (text.find('.') < text.find(':')) {
        const auto tail = parse_v4(text);
        text = {};
        return tail && add(*tail >> 16) && add(*tail & 0xffff);
      }
      const auto value = take_number(text, 16, 4, 0xffff);
      if (!value || !add(*value)) return false;
    }
    return true;
  }
};

constexpr std::optional<std::array<std::uint8_t, 16>> parse_v6(std::string_view text) {
  Groups front;
  Groups back;
  bool gap = false;
  if (!front.read(text, gap)) return std::nullopt;
  const std::size_t before = front.count;
  if (gap && !back.read(text, gap)) return std::nullopt;
  if (!text.empty() || (gap ? before + back.count > 7 : before != 8)) return std::nullopt;
  std::array<std::uint8_t, 16> host{};
  const auto put = [&host](std::size_t at, std::uint16_t value) {
    host[2 * at] = static_cast<std::uint8_t>(value >> 8);
    host[2 * at + 1] = static_cast<std::uint8_t>(value);
  };
  for (std::size_t i = 0; i < before; ++i) put(i, front.group[i]);
  for (std::size_t i = 0; i < back.count; ++i) put(8 - back.count + i, back.group[i]);
  return host;
}

}  // namespace reading

/// The address that a text says, with its port; none if it says anything else.
constexpr std::optional<Address> parse(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  std::string_view digits = text.substr(colon + 1);
  const auto port = reading::take_number(digits, 10, 5, 65535);
  if (!port || !digits.empty()) return std::nullopt;
  if (!host.starts_with('[')) {
    const auto v4 = reading::parse_v4(host);
    if (!v4) return std::nullopt;
    return Address::v4(*v4, static_cast<std::uint16_t>(*port));
  }
  if (!host.ends_with(']')) return std::nullopt;
  host = host.substr(1, host.size() - 2);
  std::uint32_t zone = 0;
  if (const std::size_t at = host.find('%'); at != std::string_view::npos) {
    std::string_view number = host.substr(at + 1);
    const auto found = reading::take_number(number, 10, 9, 999'999'999);
    if (!found || !number.empty()) return std::nullopt;
    zone = *found;
    host = host.substr(0, at);
  }
  const auto v6 = reading::parse_v6(host);
  if (!v6) return std::nullopt;
  return Address::v6(*v6, static_cast<std::uint16_t>(*port), zone);
}

/// The address in a generated file; anything else does not compile.
consteval Address literal(std::string_view text) { return parse(text).value(); }

/// An address as text, for logs. `view()` is valid as long as it.
class AddressText {
 public:
  constexpr explicit AddressText(const Address& what) {
    if (what.is_v4()) {
      for (unsigned i = 0; i < 4; ++i) {
        if (i > 0) put('.');
        put_number(what.host[12 + i], 10);
      }
    } else {
      put('[');
      put_v6(what);
      if (what.zone != 0) {
        put('%');
        put_number(what.zone, 10);
      }
      put(']');
    }
    put(':');
    put_number(what.port, 10);
  }

  constexpr std::string_view view() const { return {text_.data(), size_}; }

 private:
  /// `[`, eight groups with colons, `%` and a zone, `]:` and a port.
  static constexpr std::size_t kLongest = 1 + 39 + 11 + 2 + 5;

  constexpr void put(char c) { text_[size_++] = c; }
  constexpr void put_number(std::uint32_t value, std::uint32_t base) {
    std::array<char, 10> digits{};
    std::size_t count = 0;
    do {
      digits[count++] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value > 0);
    while (count > 0) put(digits[--count]);
  }
  constexpr void put_v6(const Address& what) {
    const auto group = [&what](std::size_t i) {
      return static_cast<std::uint32_t>(what.host[2 * i] << 8 | what.host[2 * i + 1]);
    };
    std::size_t from = 8;  // the longest run of zeroes, the first if there are several
    std::size_t length = 1;
    for (std::size_t i = 0; i < 8; ++i) {
      std::size_t run = 0;
      while (i + run < 8 && group(i + run) == 0) ++run;
      if (run > length) from = i, length = run;
    }
    for (std::size_t i = 0; i < 8; ++i) {
      if (i == from) {
        put(':'), put(':');
        i += length - 1;
        continue;
      }
      if (i > 0 && i != from + length) put(':');
      put_number(group(i), 16);
    }
  }

  std::array<char, kLongest> text_{};
  std::size_t size_ = 0;
};

}  // namespace tina::net
