// SPDX-License-Identifier: Apache-2.0
// The echo connection with a planted fault: it allocates at its hundredth message. The allocation
// guard must see it.
#include "connection.h"

#include <cstdlib>
#include <utility>

namespace echo {
namespace {

/// Allocates in a way that no compiler removes.
void allocate(std::size_t size) {
  void* volatile memory = std::malloc(size);
  std::free(memory);
}

}  // namespace

Connection::InitResult Connection::on_init(ConnectionInit&&, Context&) { return ok(); }

Connection::Entry<Connection::Reading> Connection::on_enter(in<Reading>, Context&) {
  return start(peer.receive());
}

Connection::Then<Connection::Echoing, Connection::Gone> Connection::on_peer_received(
    in<Reading>, net::tcp_stream::Received&& received, Context&) {
  if (!received.ok()) return to<Gone>();
  if (++bytes_echoed == 100) allocate(received.data.size());
  return to<Echoing>(io(peer.send(std::move(received.data))));
}

Connection::Then<Connection::Reading, Connection::Gone> Connection::on_peer_sent(
    in<Echoing>, const net::tcp_stream::Sent& sent, Context&) {
  if (!sent.ok()) return to<Gone>();
  return to<Reading>();
}

}  // namespace echo
