// SPDX-License-Identifier: Apache-2.0
// Handlers of courier.tina's Connection: what it receives goes to the office, what comes back is
// sent. If the office does not take it, the buffer is still here, and is sent at once.
#pragma once

#include "courier.tina.h"

namespace courier {

struct Connection : ConnectionBase {
  InitResult on_init(ConnectionInit&&, Context&) { return ok(); }
  Entry<Reading> on_enter(in<Reading>, Context&) { return start(peer.receive()); }
  Then<Waiting, Sending, Gone> on_peer_received(in<Reading>, net::tcp_stream::Received&& received,
                                                Context& ctx) {
    if (!received.ok()) return to<Gone>();
    Parcel parcel{.from = ctx.self(), .data = std::move(received.data)};
    if (ctx.send(ctx.child<Root::office>(), std::move(parcel)) == tina::SendResult::kQueued) {
      return to<Waiting>();
    }
    return to<Sending>(io(peer.send(std::move(parcel.data))));
  }
  Then<Sending> on_parcel(in<Waiting>, Parcel&& parcel, Context&) {
    return to<Sending>(io(peer.send(std::move(parcel.data))));
  }
  Then<Sending> on_crate(in<Waiting>, Crate&& crate, Context&) {
    return to<Sending>(io(peer.send(std::move(crate.data))));
  }
  Then<Reading, Gone> on_peer_sent(in<Sending>, const net::tcp_stream::Sent& sent, Context&) {
    if (!sent.ok()) return to<Gone>();
    return to<Reading>();
  }
};

}  // namespace courier
