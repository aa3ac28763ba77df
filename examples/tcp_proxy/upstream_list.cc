// SPDX-License-Identifier: Apache-2.0
// Splits the list; nothing here trusts what it reads.
#include "upstream_list.h"

#include "tina/address_text.h"

namespace tcp_proxy {

bool read_upstreams(std::string_view text, UpstreamList& into) {
  into = {};
  while (into.count < UPSTREAMS_MAX) {
    const std::size_t end = text.find(',');
    const auto found = tina::net::parse(text.substr(0, end));
    if (!found || found->port == 0) return false;
    into.at[into.count++] = *found;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
  return false;
}

}  // namespace tcp_proxy
