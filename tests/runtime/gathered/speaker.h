// SPDX-License-Identifier: Apache-2.0
// Handlers of gathered.tina's Speaker. What they saw is left in `ends`, for the test to read.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gathered.tina.h"

namespace gathered {

inline std::vector<std::pair<std::string, std::int64_t>> ends;

struct Speaker : SpeakerBase {
  InitResult on_init(SpeakerInit&&, Context&) { return ok(); }

  static void add(std::uint64_t size, Context& ctx) {
    tina::Blob<64> blob = ctx.blob<64>();
    if (!blob) return ends.emplace_back("no blob", 0), void();
    blob.resize(size);
    std::fill(blob.bytes().begin(), blob.bytes().end(), std::byte{'a'});
    const tina::AddResult result = ctx.peer.add(std::move(blob));
    ends.emplace_back(result == tina::AddResult::kAdded ? "added" : "full", ctx.peer.waiting());
  }

  Then<Stay<Machine>, Open, Leaving> on_order(in<Machine>, const Order& order, Context& ctx) {
    const auto where = net::Address::loopback(80);
    switch (order.act) {
      case Act::DIAL:
        if (order.value != 0) return to<Open>(io(bare.connect(where)));
        return to<Open>(io(peer.connect(where)));
      case Act::ADD:
        add(order.value, ctx);
        return stay();
      case Act::SEND:
        return to<Open>(io(peer.send_gathered()));
      case Act::BARE:
        return to<Open>(io(bare.send_gathered()));
      case Act::READ:
        return to<Open>(io(peer.receive()));
      case Act::CLOSE:
        return to<Leaving>(io(peer.close()));
      default:
        return crash("told to crash");
    }
  }
  // Only so that the isolate may have blobs.
  Then<Stay<Machine>> on_ink(in<Machine>, Ink&&, Context&) { return stay(); }

  Then<Stay<Open>> on_peer_connected(in<Open>, const net::tcp_stream::Connected& end, Context&) {
    ends.emplace_back("connected", end.error);
    return stay();
  }
  Then<Stay<Open>> on_peer_sent(in<Open>, const net::tcp_stream::Sent& end, Context&) {
    ends.emplace_back("sent", end.ok() ? std::int64_t{end.size} : -std::int64_t{end.error});
    return stay();
  }
  Then<Stay<Open>> on_peer_received(in<Open>, net::tcp_stream::Received&& end, Context&) {
    ends.emplace_back("received", end.error);
    return stay();
  }
  Then<Stay<Open>> on_bare_connected(in<Open>, const net::tcp_stream::Connected& end, Context&) {
    ends.emplace_back("bare connected", end.error);
    return stay();
  }
  Then<Stay<Open>> on_bare_sent(in<Open>, const net::tcp_stream::Sent& end, Context&) {
    ends.emplace_back("bare sent", end.ok() ? std::int64_t{end.size} : -std::int64_t{end.error});
    return stay();
  }
};

}  // namespace gathered
