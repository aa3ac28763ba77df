// SPDX-License-Identifier: Apache-2.0
// The handlers of the UDP echo server. The list has room for a whole batch, so none is left behind.
// Shard's thread.
#pragma once

#include <utility>

#include "datagrams.tina.h"

namespace datagrams_bench {

struct Echo : EchoBase {
  InitResult on_init(EchoInit&&, Context&) { return ok(io(door.receive_batch())); }

  Effect on_door_received_batch(net::udp_socket::ReceivedBatch&& got, Context& ctx) {
    for (net::Datagram& one : got) {
      if (ctx.door.add(one.from, std::move(one.data)) == tina::AddResult::kFull) break;
    }
    return io(door.send_batch());
  }
  Effect on_door_sent_batch(const net::udp_socket::SentBatch&, Context&) {
    return io(door.receive_batch());
  }
};

}  // namespace datagrams_bench
