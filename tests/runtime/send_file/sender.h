// SPDX-License-Identifier: Apache-2.0
// Handlers of send_file.tina's Sender. What they saw is left in `ends`, for the test to read.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "send_file.tina.h"

namespace send_file {

inline std::vector<std::pair<std::string, std::int64_t>> ends;

struct Sender : SenderBase {
  char text[4] = {'t', 'e', 'x', 't'};

  InitResult on_init(SenderInit&&, Context&) { return ok(); }

  Then<Stay<Machine>, Open, Leaving, Shutting> on_order(in<Machine>, const Order& order, Context&) {
    switch (order.act) {
      case Act::DIAL:
        return to<Open>(io(peer.connect(net::Address::loopback(80))));
      case Act::OPEN:
        return to<Open>(io(page.open("page", fs::Open::kRead)));
      case Act::SEND:
        return to<Open>(io(peer.send_file(page, order.value, order.size)));
      case Act::READ:
        return to<Open>(io(peer.receive()));
      case Act::LEAVE:
        return to<Leaving>(io(peer.close()));
      case Act::SHUT:
        return to<Shutting>(io(page.close()));
      case Act::SAY:
        return to<Open>(io(peer.send(std::as_bytes(std::span(text)))));
      default:
        return crash("told to crash");
    }
  }
  Then<Stay<Open>> on_peer_connected(in<Open>, const net::tcp_stream::Connected& end, Context&) {
    ends.emplace_back("connected", end.error);
    return stay();
  }
  Then<Stay<Open>> on_peer_sent(in<Open>, const net::tcp_stream::Sent& end, Context&) {
    ends.emplace_back(end.status == net::Status::kEnd ? "ended" : "sent", end.size);
    if (end.status == net::Status::kError) ends.emplace_back("error", end.error);
    return stay();
  }
  Then<Stay<Open>> on_peer_received(in<Open>, net::tcp_stream::Received&& end, Context&) {
    ends.emplace_back("received", end.error);
    return stay();
  }
  Then<Stay<Open>> on_page_opened(in<Open>, const fs::file::Opened& end, Context&) {
    ends.emplace_back("opened", end.error);
    return stay();
  }
  Then<Stay<Open>> on_page_read(in<Open>, fs::file::Read&& end, Context&) {
    ends.emplace_back("read", end.error);
    return stay();
  }
};

}  // namespace send_file
