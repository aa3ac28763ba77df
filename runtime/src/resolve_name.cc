// SPDX-License-Identifier: Apache-2.0
// See resolve_name.h.
#include "src/resolve_name.h"

#include <arpa/inet.h>

#include <cerrno>
#include <charconv>

namespace tina::internal {
namespace {

constexpr std::size_t kLabelMax = 63;
constexpr std::size_t kNameMax = 253;  // without the last dot: RFC 1035

bool stands_in_label(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

/// Whether it has a name's form: labels of 1 to 63 letters, digits, - and _, between dots.
bool is_name(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.empty() || name.size() > kNameMax) return false;
  std::size_t label = 0;
  for (const char c : name) {
    if (c == '.' && label == 0) return false;
    if (c != '.' && (!stands_in_label(c) || label == kLabelMax)) return false;
    label = c == '.' ? 0 : label + 1;
  }
  return label > 0;
}

}  // namespace

bool parse_host(std::string_view text, net::Address& address) {
  const std::size_t percent = text.find('%');
  const std::string_view host = text.substr(0, percent);
  char copy[INET6_ADDRSTRLEN + 1];
  if (host.empty() || host.size() >= sizeof copy) return false;
  copy[host.copy(copy, sizeof copy - 1)] = '\0';
  in_addr v4{};
  if (percent == std::string_view::npos && ::inet_pton(AF_INET, copy, &v4) == 1) {
    address = net::Address::v4(ntohl(v4.s_addr), address.port);
    return true;
  }
  std::array<std::uint8_t, 16> v6{};
  std::uint32_t zone = 0;
  if (::inet_pton(AF_INET6, copy, v6.data()) != 1) return false;
  if (percent != std::string_view::npos) {
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data() + percent + 1, end, zone);
    if (read.ec != std::errc() || read.ptr != end) return false;
  }
  address = net::Address::v6(v6, address.port, zone);
  return true;
}

std::int32_t resolve_at_once(const ResolveQuestion& question, ResolveAnswer& answer) {
  net::Address literal;
  literal.port = question.port;
  if (parse_host(question.text(), literal)) {
    answer.addresses.front() = literal;
    return 1;
  }
  return is_name(question.text()) ? kAskOthers : -EINVAL;
}

}  // namespace tina::internal
