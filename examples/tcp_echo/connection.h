// SPDX-License-Identifier: Apache-2.0
// One TCP connection: reads, writes the same bytes back, and so on, one operation at a time. Its
// state is one counter; the socket and the buffer belong to the runtime. Runs on its shard's
// thread.
#pragma once

#include "echo.tina.h"

namespace echo {

struct Connection : ConnectionBase {
  std::uint64_t bytes_echoed = 0;

  InitResult on_init(ConnectionInit&&, Context&);
  Entry<Reading> on_enter(in<Reading>, Context&);
  Then<Echoing, Gone> on_peer_received(in<Reading>, net::tcp_stream::Received&&, Context&);
  Then<Reading, Gone> on_peer_sent(in<Echoing>, const net::tcp_stream::Sent&, Context&);
};

}  // namespace echo
