// SPDX-License-Identifier: Apache-2.0
// Handlers of read_ahead.tina's Reader. What they saw is left in `ends`, for the test to read; an
// order to send sends the bytes that arrived last.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "read_ahead.tina.h"

namespace read_ahead {

inline std::vector<std::string> ends;

struct Reader : ReaderBase {
  InitResult on_init(ReaderInit&&, Context&) { return ok(); }

  Then<Stay<Machine>, Open, Leaving> on_order(in<Machine>, const Order& order, Context&) {
    const auto where = net::Address::loopback(80);
    switch (order.act) {
      case Act::Dial:
        return to<Open>(io(peer.connect(where)));
      case Act::DialSide:
        return to<Open>(io(side.connect(where)));
      case Act::Read:
        return to<Open>(io(peer.receive()));
      case Act::ReadSide:
        return to<Open>(io(side.receive()));
      case Act::Close:
        return to<Leaving>(io(peer.close()));
      default:
        return crash("told to crash");
    }
  }

  static void note(const net::tcp_stream::Received& end) {
    const auto bytes = end.data.bytes();
    if (end.status == net::Status::kOk) {
      ends.emplace_back(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    } else {
      ends.push_back(end.status == net::Status::kEnd ? "end"
                                                     : "error " + std::to_string(end.error));
    }
  }
  Then<Stay<Open>> on_peer_connected(in<Open>, const net::tcp_stream::Connected&, Context&) {
    return stay();
  }
  Then<Stay<Open>> on_peer_received(in<Open>, net::tcp_stream::Received&& end, Context&) {
    note(end);
    if (end.ok() && end.data.bytes()[0] == std::byte{'>'}) {
      return stay(io(peer.send(std::move(end.data))));
    }
    return stay();
  }
  Then<Stay<Open>> on_peer_sent(in<Open>, const net::tcp_stream::Sent&, Context&) { return stay(); }
  Then<Stay<Open>> on_side_connected(in<Open>, const net::tcp_stream::Connected&, Context&) {
    return stay();
  }
  Then<Stay<Open>> on_side_received(in<Open>, net::tcp_stream::Received&& end, Context&) {
    note(end);
    return stay();
  }
};

}  // namespace read_ahead
