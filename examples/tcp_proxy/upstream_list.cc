// SPDX-License-Identifier: Apache-2.0
// Reads addresses; nothing here trusts what it reads.
#include "upstream_list.h"

#include <arpa/inet.h>

#include <charconv>

namespace tcp_proxy {
namespace {

/// Takes a number up to `max` from the front of the text.
bool take_number(std::string_view& text, std::uint32_t max, std::uint32_t& number) {
  const char* const end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || number > max) return false;
  text.remove_prefix(static_cast<std::size_t>(next - text.data()));
  return true;
}

bool take(std::string_view& text, char sign) {
  if (!text.starts_with(sign)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_v4(std::string_view& text, std::uint32_t& host) {
  for (unsigned part = 0; part < 4; ++part) {
    std::uint32_t byte = 0;
    if ((part > 0 && !take(text, '.')) || !take_number(text, 255, byte)) return false;
    host = host << 8 | byte;
  }
  return true;
}

/// An IPv6 address in brackets.
bool take_v6(std::string_view& text, std::array<std::uint8_t, 16>& host) {
  const std::size_t end = text.find(']');
  char copy[INET6_ADDRSTRLEN] = {};
  if (!take(text, '[') || end == std::string_view::npos || end > sizeof copy) return false;
  text.substr(0, end - 1).copy(copy, sizeof copy - 1);
  text.remove_prefix(end);
  return inet_pton(AF_INET6, copy, host.data()) == 1;
}

bool take_address(std::string_view& text, tina::net::Address& into) {
  std::uint32_t v4 = 0;
  std::array<std::uint8_t, 16> v6{};
  const bool long_form = text.starts_with('[');
  if (!(long_form ? take_v6(text, v6) : take_v4(text, v4))) return false;
  std::uint32_t number = 0;
  if (!take(text, ':') || !take_number(text, 65535, number) || number == 0) return false;
  const auto port = static_cast<std::uint16_t>(number);
  into = long_form ? tina::net::Address::v6(v6, port) : tina::net::Address::v4(v4, port);
  return true;
}

}  // namespace

bool read_upstreams(std::string_view text, UpstreamList& into) {
  into = {};
  do {
    if (into.count == UPSTREAMS_MAX || !take_address(text, into.at[into.count])) return false;
    ++into.count;
  } while (take(text, ','));
  return text.empty();
}

}  // namespace tcp_proxy
