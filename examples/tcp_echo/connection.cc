// SPDX-License-Identifier: Apache-2.0
// Echoes a connection's bytes without copying them: the buffer that was received is the buffer that
// is sent. Ends when the peer does, or on any error.
#include "connection.h"

#include <utility>

namespace echo {
namespace {

/// Bytes that make the connection fault: the planted bug that crash tests aim at.
constexpr std::string_view kPoison = "POISON";

/// Writes through a null pointer that the compiler cannot see through.
void fault() {
  volatile int* volatile nowhere = nullptr;
  *nowhere = 0;
}

}  // namespace

Connection::InitResult Connection::on_init(ConnectionInit&&, Context&) { return ok(); }

Connection::Entry<Connection::Reading> Connection::on_enter(in<Reading>, Context&) {
  return start(peer.receive());
}

Connection::Then<Connection::Echoing, Connection::Gone> Connection::on_peer_received(
    in<Reading>, net::tcp_stream::Received&& received, Context&) {
  if (!received.ok()) return to<Gone>();
  if (received.data.text().starts_with(kPoison)) fault();
  return to<Echoing>(io(peer.send(std::move(received.data))));
}

Connection::Then<Connection::Reading, Connection::Gone> Connection::on_peer_sent(
    in<Echoing>, const net::tcp_stream::Sent& sent, Context&) {
  if (!sent.ok()) return to<Gone>();
  bytes_echoed += sent.size;
  return to<Reading>();
}

}  // namespace echo
