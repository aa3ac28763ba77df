// SPDX-License-Identifier: Apache-2.0
// One connection of the crowd: it answers each request with the same bytes. Shard's thread.
#pragma once

#include <utility>

#include "crowd.tina.h"

namespace crowd {

struct Member : MemberBase {
  InitResult on_init(MemberInit&&, Context&) { return ok(); }
  Entry<Reading> on_enter(in<Reading>, Context&) { return start(peer.receive()); }
  Then<Echoing, Gone> on_peer_received(in<Reading>, net::tcp_stream::Received&& received,
                                       Context&) {
    if (!received.ok()) return to<Gone>();
    return to<Echoing>(io(peer.send(std::move(received.data))));
  }
  Then<Reading, Gone> on_peer_sent(in<Echoing>, const net::tcp_stream::Sent& sent, Context&) {
    if (!sent.ok()) return to<Gone>();
    return to<Reading>();
  }
};

}  // namespace crowd
