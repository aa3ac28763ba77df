// SPDX-License-Identifier: Apache-2.0
// Handlers of connect.tina's Nester.
#pragma once

#include "dialer.h"

namespace connect {

struct Nester : NesterBase {
  InitResult on_init(NesterInit&&, Context&) { return ok(); }
  Then<Stay<Machine>, Resting, Trying, Beside> on_order(in<Machine>, const Order& order, Context&) {
    const auto where = net::Address::loopback(static_cast<std::uint16_t>(order.value));
    if (order.act == Act::DIAL) return to<Trying>(io(upstream.connect(where)));
    if (order.act == Act::BESIDE) return to<Beside>();
    return to<Resting>();
  }
  Then<Stay<Working>> on_upstream_connected(in<Working>, const net::tcp_stream::Connected& end,
                                            Context&) {
    ends.emplace_back("nested connected", end.error);
    return stay();
  }
};

}  // namespace connect
