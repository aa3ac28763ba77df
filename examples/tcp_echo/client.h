// SPDX-License-Identifier: Apache-2.0
// One client of the echo server. Invariants: at most one connection, and one operation on it, at
// any moment; every failure, whichever it is, leads through a pause to the next connect. Shard's
// thread.
#pragma once

#include <array>

#include "client.tina.h"

namespace echo_client {

struct Client : ClientBase {
  using Stream = net::tcp_stream;

  InitResult on_init(ClientInit&&, Context&);
  Entry<Connecting> on_enter(in<Connecting>, Context&);
  Then<Sending, Waiting> on_server_connected(in<Connecting>, const Stream::Connected&, Context&);
  Then<Waiting> on_after(in<Connecting>, Context&);
  Entry<Sending> on_enter(in<Sending>, Context&);
  Then<Hearing, Closing> on_server_sent(in<Sending>, const Stream::Sent&, Context&);
  Then<Closing> on_after(in<Sending>, Context&);
  Entry<Hearing> on_enter(in<Hearing>, Context&);
  Then<Hearing, Sending, Closing, Gone> on_server_received(in<Hearing>, Stream::Received&&,
                                                           Context&);
  Then<Closing> on_after(in<Hearing>, Context&);
  Entry<Closing> on_enter(in<Closing>, Context&);
  Entry<Waiting> on_enter(in<Waiting>, Context&);
  Then<Gone> on_sys_shutdown(in<Machine>, const sys::Shutdown&, Context&);

  net::Address address;
  std::uint32_t number = 0;
  std::uint32_t rounds_wanted = 0;
  std::uint32_t in_a_row = 0;  ///< failures since the last payload that came back
  std::uint32_t heard = 0;     ///< bytes of this payload
  Report report;
  std::array<std::byte, PAYLOAD> payload{};  ///< stays as it is until all of it is back

 private:
  /// How long to wait after so many failures in a row: 10 ms, 20 ms, … 2.56 s, and a part of that
  /// which differs from client to client, so that not all come back at once.
  tina::Duration pause() const;
  void next_payload();
  void say_report(Context& ctx) const;
};

}  // namespace echo_client
