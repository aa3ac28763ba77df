// SPDX-License-Identifier: Apache-2.0
// Handlers of connect.tina's Dialer. What they saw is left in `ends`, for the test to read.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "connect.tina.h"

namespace connect {

inline std::vector<std::pair<std::string, std::int32_t>> ends;

struct Dialer : DialerBase {
  char greeting[8] = "hello";

  InitResult on_init(DialerInit&&, Context&) { return ok(); }
  Then<Stay<Machine>, Resting, Dialing, Talking, Leaving, Gone> on_order(in<Machine>,
                                                                         const Order& order,
                                                                         Context& ctx) {
    const auto where = net::Address::loopback(static_cast<std::uint16_t>(order.value));
    switch (order.act) {
      case Act::REST:
        return to<Resting>();
      case Act::DIAL:
        return to<Dialing>(io(upstream.connect(where)));
      case Act::TALK:
        return to<Talking>(io(upstream.receive()));
      case Act::SEND:
        return to<Talking>(io(upstream.send(std::as_bytes(std::span(greeting, 5)))));
      case Act::CLOSE:
        return to<Leaving>(io(upstream.close()));
      case Act::ASK:
        ends.emplace_back("idle", (ctx.upstream.idle(net::read) ? 4 : 0) +
                                      (ctx.upstream.idle(net::write) ? 2 : 0) +
                                      (ctx.upstream.idle(net::all) ? 1 : 0));
        return stay();
      case Act::END:
        return to<Gone>();
      default:
        return crash("told to crash");
    }
  }
  Then<Stay<Dialing>, Talking, Resting> on_upstream_connected(in<Dialing>,
                                                              const net::tcp_stream::Connected& end,
                                                              Context&) {
    ends.emplace_back("connected", end.error);
    if (!end.ok()) return stay();
    return to<Talking>();
  }
  Then<Stay<Talking>> on_upstream_received(in<Talking>, net::tcp_stream::Received&& end, Context&) {
    ends.emplace_back("received", end.error);
    return stay();
  }
  Then<Stay<Talking>> on_upstream_sent(in<Talking>, const net::tcp_stream::Sent& end, Context&) {
    ends.emplace_back("sent", end.error);
    return stay();
  }
};

}  // namespace connect
