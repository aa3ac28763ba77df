// SPDX-License-Identifier: Apache-2.0
// Handlers of switchboard.tina's Line: an echo.
#pragma once

#include "switchboard.tina.h"

namespace switchboard {

struct Line : LineBase {
  InitResult on_init(LineInit&&, Context&) { return ok(); }
  Entry<Reading> on_enter(in<Reading>, Context&) { return start(peer.receive()); }
  Then<Writing, Gone> on_peer_received(in<Reading>, net::tcp_stream::Received&& received,
                                       Context&) {
    if (!received.ok()) return to<Gone>();
    return to<Writing>(io(peer.send(std::move(received.data))));
  }
  Then<Reading, Gone> on_peer_sent(in<Writing>, const net::tcp_stream::Sent& sent, Context&) {
    if (!sent.ok()) return to<Gone>();
    return to<Reading>();
  }
};

}  // namespace switchboard
