// SPDX-License-Identifier: Apache-2.0
// Sends back what it receives, as many as there are at a time, each in the buffer that it came in.
// What is cut off goes back as it came.
#pragma once

#include <utility>

#include "datagrams.tina.h"

namespace datagrams {

struct Clerk : ClerkBase {
  using Socket = net::udp_socket;

  InitResult on_init(ClerkInit&&, Context&) { return ok(io(door.receive_batch())); }

  Effect on_door_received_batch(Socket::ReceivedBatch&& asked, Context& ctx) {
    for (net::Datagram& one : asked) {
      if (ctx.door.add(one.from, std::move(one.data)) == tina::AddResult::kFull) break;
    }
    if (ctx.door.waiting() == 0) return io(door.receive_batch());
    return io(door.send_batch());
  }
  Effect on_door_sent_batch(const Socket::SentBatch&, Context&) { return io(door.receive_batch()); }
};

}  // namespace datagrams
