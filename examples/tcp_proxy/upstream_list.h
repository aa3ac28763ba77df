// SPDX-License-Identifier: Apache-2.0
// The addresses of the upstreams, as somebody has typed them: "10.0.0.1:8000,[::1]:8000". The one
// place of this program where an address is made.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "proxy.tina.h"

namespace tcp_proxy {

struct UpstreamList {
  std::array<tina::net::Address, UPSTREAMS_MAX> at{};
  std::uint32_t count = 0;
};

/// Reads the list into `into`. False if there is none in it, too many, or one that is not an
/// address and a port.
[[nodiscard]] bool read_upstreams(std::string_view text, UpstreamList& into);

}  // namespace tcp_proxy
