// SPDX-License-Identifier: Apache-2.0
// Handlers of blocks.tina's Line.
#pragma once

#include "acts.h"
#include "blocks.tina.h"

namespace blocks {

struct Line : LineBase {
  InitResult on_init(LineInit&&, Context&) { return ok(io(peer.receive())); }
  Effect on_peer_received(net::tcp_stream::Received&& m, Context& ctx) {
    if (!m.ok()) return done();
    Parcel parcel{.from = ctx.self(), .data = std::move(m.data)};
    sent.push_back(ctx.send(ctx.child<Root::desk>(), std::move(parcel)));
    see("line.received", parcel.data.size());  // 0: it is on its way
    return io(peer.receive());
  }
  Effect on_peer_sent(const net::tcp_stream::Sent& m, Context&) {
    see("line.sent", m.size);
    return receive();
  }
  Effect on_parcel(Parcel&& m, Context&) {
    see("line.parcel", m.data.size());
    return io(peer.send(std::move(m.data)));
  }
};

}  // namespace blocks
