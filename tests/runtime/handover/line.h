// SPDX-License-Identifier: Apache-2.0
// Handlers of handover.tina's Line.
#pragma once

#include "handover.tina.h"

namespace handover {

struct Line : LineBase {
  InitResult on_init(LineInit&&, Context&) { return ok(io(peer.receive())); }
  Effect on_peer_received(net::tcp_stream::Received&& received, Context&) {
    if (!received.ok()) return done();
    return io(peer.receive());
  }
};

}  // namespace handover
