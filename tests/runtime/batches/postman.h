// SPDX-License-Identifier: Apache-2.0
// Handlers of batches.tina's Postman. What they saw is left in `ends`, for the test to read.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "batches.tina.h"

namespace batches {

inline std::vector<std::pair<std::string, std::int64_t>> ends;
/// Whether what arrives is put into the list, to go back to where it came from.
inline bool answers = false;

struct Postman : PostmanBase {
  using Socket = net::udp_socket;

  InitResult on_init(PostmanInit&&, Context&) { return ok(); }

  static void add(const Order& order, Context& ctx) {
    tina::Blob<64> blob = ctx.blob<64>();
    if (!blob) return ends.emplace_back("no blob", 0), void();
    blob.resize(order.value);
    const auto where = net::Address::loopback(static_cast<std::uint16_t>(order.value));
    const tina::AddResult result = order.act == Act::POST ? ctx.door.add(where, std::move(blob))
                                                          : ctx.door.add(std::move(blob));
    ends.emplace_back(result == tina::AddResult::kAdded ? "added" : "full", ctx.door.waiting());
  }

  Then<Stay<Machine>, Open, Busy, Leaving> on_order(in<Machine>, const Order& order, Context& ctx) {
    const auto where = net::Address::loopback(80);
    switch (order.act) {
      case Act::OPEN:
        return to<Open>(io(door.open(where)));
      case Act::READ:
        return to<Open>(io(door.receive_batch()));
      case Act::ADD:
      case Act::POST:
        add(order, ctx);
        return stay();
      case Act::SEND:
        return to<Open>(io(door.send_batch()));
      case Act::CLOSE:
        return to<Leaving>(io(door.close()));
      case Act::ANSWER:
        answers = true;
        return stay();
      case Act::FORGET:
        return to<Busy>();
      default:
        return crash("told to crash");
    }
  }
  // Only so that the isolate may have blobs.
  Then<Stay<Machine>> on_letter(in<Machine>, Letter&&, Context&) { return stay(); }

  Then<Stay<Open>> on_door_opened(in<Open>, const Socket::Opened& end, Context&) {
    ends.emplace_back("opened", end.error);
    return stay();
  }
  Then<Stay<Open>> on_door_received_batch(in<Open>, Socket::ReceivedBatch&& got, Context& ctx) {
    if (!got.ok()) ends.emplace_back("error", got.error);
    for (net::Datagram& one : got) {
      ends.emplace_back(one.cut_off ? "cut off" : "datagram", one.data.size());
      if (answers && ctx.door.add(one.from, std::move(one.data)) != tina::AddResult::kAdded)
        ends.emplace_back("full", one.data.size());
    }
    return stay();
  }
  Then<Stay<Open>> on_door_sent_batch(in<Open>, const Socket::SentBatch& end, Context&) {
    ends.emplace_back("sent", end.sent);
    if (!end.ok()) ends.emplace_back("failed", end.failed), ends.emplace_back("error", end.error);
    return stay();
  }
};

}  // namespace batches
