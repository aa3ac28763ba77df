// SPDX-License-Identifier: Apache-2.0
// One caller: each piece goes back in the buffer that it came in.
#pragma once

#include <utility>

#include "eager.tina.h"

namespace eager {

struct Connection : ConnectionBase {
  InitResult on_init(ConnectionInit&&, Context&) { return ok(); }
  Entry<Hearing> on_enter(in<Hearing>, Context&) { return start(peer.receive()); }
  Then<Saying, Gone> on_peer_received(in<Hearing>, net::tcp_stream::Received&& heard, Context&) {
    if (!heard.ok()) return to<Gone>();
    return to<Saying>(io(peer.send(std::move(heard.data))));
  }
  Then<Hearing, Gone> on_peer_sent(in<Saying>, const net::tcp_stream::Sent& sent, Context&) {
    if (!sent.ok()) return to<Gone>();
    return to<Hearing>();
  }
};

}  // namespace eager
