// SPDX-License-Identifier: Apache-2.0
// Talks: right as it is, and broken line by line by the tests.
#pragma once

#include "street.tina.h"

namespace street {

struct Guest : GuestBase {
  InitResult on_init(GuestInit&&, Context&) { return ok(); }
  Then<Stay<Machine>, Gone> on_sys_shutdown(in<Machine>, const sys::Shutdown&, Context&) {
    return to<Gone>();
  }
  Entry<Reading> on_enter(in<Reading>, Context&) { return start(peer.receive()); }
  Then<Writing, Gone> on_peer_received(in<Reading>, net::tcp_stream::Received&& got, Context&) {
    if (!got.ok()) return to<Gone>();
    return to<Writing>(io(peer.send(std::move(got.data))));
  }
  Then<Reading, Stay<Writing>> on_peer_sent(in<Writing>, const net::tcp_stream::Sent&, Context&) {
    return to<Reading>();
  }
  Then<Gone> on_after(in<Writing>, Context&) { return to<Gone>(); }
};

}  // namespace street
