// SPDX-License-Identifier: Apache-2.0
// Sends the buffer that was received, without a copy, and ends with its peer.
#include "connection.h"

#include <utility>

namespace echo {

Connection::InitResult Connection::on_init(ConnectionInit&&, Context&) { return ok(); }

Connection::Entry<Connection::Reading> Connection::on_enter(in<Reading>, Context&) {
  return start(peer.receive());
}

Connection::Then<Connection::Echoing, Connection::Gone> Connection::on_peer_received(
    in<Reading>, net::tcp_stream::Received&& received, Context&) {
  if (!received.ok()) return to<Gone>();
  return to<Echoing>(io(peer.send(std::move(received.data))));
}

Connection::Then<Connection::Reading, Connection::Gone> Connection::on_peer_sent(
    in<Echoing>, const net::tcp_stream::Sent& sent, Context&) {
  if (!sent.ok()) return to<Gone>();
  return to<Reading>();
}

}  // namespace echo
