// SPDX-License-Identifier: Apache-2.0
// Handlers of nested.tina's Streamer: the composite's entry starts the reading, and its one handler
// serves both states inside.
#pragma once

#include <span>

#include "nested.tina.h"
#include "walker.h"

namespace nested {

struct Streamer : StreamerBase {
  char own[8] = "bytes";
  bool reading = false;

  InitResult on_init(StreamerInit&&, Context&) { return ok(); }

  Entry<Serving> on_enter(in<Serving>, Context&) {
    walk("enter Serving");
    if (reading) return start();
    reading = true;
    return start(peer.receive());
  }
  /// Sends on `s`, goes to Writing without sending on `w`, ends on `e`, else reads on.
  Then<Stay<Serving>, Writing, Over> on_peer_received(in<Serving>, net::tcp_stream::Received&& m,
                                                      Context&) {
    walk("received in Serving", m.data.size());
    reading = m.ok();
    if (!m.ok()) return to<Over>();
    switch (m.data.text()[0]) {
      case 's':
        return to<Writing>(io(peer.send(std::as_bytes(std::span(own, 5))), peer.receive()));
      case 'w':
        return to<Writing>(io(peer.receive()));
      case 'e':
        return to<Over>();
      default:
        return stay(io(peer.receive()));
    }
  }
  Entry<Writing> on_enter(in<Writing>, Context&) {
    walk("enter Writing");
    return start();
  }
  Then<Reading> on_peer_sent(in<Writing>, const net::tcp_stream::Sent& m, Context&) {
    walk("sent", m.size);
    return to<Reading>();
  }
};

}  // namespace nested
