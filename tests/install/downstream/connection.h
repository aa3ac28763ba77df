// SPDX-License-Identifier: Apache-2.0
// The handlers of one connection. It holds nothing: the socket and the buffer are the runtime's.
// Runs on its shard's thread.
#pragma once

#include "echo.tina.h"

namespace echo {

struct Connection : ConnectionBase {
  InitResult on_init(ConnectionInit&&, Context&);
  Entry<Reading> on_enter(in<Reading>, Context&);
  Then<Echoing, Gone> on_peer_received(in<Reading>, net::tcp_stream::Received&&, Context&);
  Then<Reading, Gone> on_peer_sent(in<Echoing>, const net::tcp_stream::Sent&, Context&);
};

}  // namespace echo
