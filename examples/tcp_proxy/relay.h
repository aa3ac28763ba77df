// SPDX-License-Identifier: Apache-2.0
// One client and its upstream. What is received goes on without a copy: the buffer that came from
// one side is the buffer that is sent to the other. Invariant: until an upstream is connected,
// nothing of the client has been read, so that any other upstream will do. Shard's thread.
#pragma once

#include "proxy.tina.h"

namespace tcp_proxy {

struct Relay : RelayBase {
  using Stream = net::tcp_stream;
  using Passed = Then<Stay<Relaying>, Gone>;

  InitResult on_init(RelayInit&&, Context&);
  Entry<Picking> on_enter(in<Picking>, Context&);
  Then<Connecting, Waiting> on_balance_pick_reply(in<Picking>, const tina::Reply<Balance::Pick>&,
                                                  Context&);
  Entry<Connecting> on_enter(in<Connecting>, Context&);
  Then<Relaying, Picking, Waiting> on_upstream_connected(in<Connecting>, const Stream::Connected&,
                                                         Context&);
  Then<Picking> on_after(in<Connecting>, Context&);
  Then<Picking, Gone> on_after(in<Waiting>, Context&);
  Then<Stay<Relaying>> on_sys_shutdown(in<Relaying>, const sys::Shutdown&, Context&);
  Passed on_client_received(in<Relaying>, Stream::Received&&, Context&);
  Passed on_upstream_received(in<Relaying>, Stream::Received&&, Context&);
  Passed on_upstream_sent(in<Relaying>, const Stream::Sent&, Context&);
  Passed on_client_sent(in<Relaying>, const Stream::Sent&, Context&);
  Then<Gone> on_idle(in<Relaying>, const tina::Fired&, Context&);

  net::Address address;
  tina::Duration idle_limit{};
  std::uint32_t index = 0;   ///< of the upstream
  std::uint32_t tried = 0;   ///< a bit for each upstream that has failed
  std::uint32_t waited = 0;  ///< how often none was up
  bool asked = false;        ///< the client has said something
  bool heard = false;        ///< the upstream has
  bool client_ended = false;
  bool upstream_ended = false;

 private:
  void tell_failure(std::int32_t error, bool silent, Context& ctx);
  template <class Other>
  Passed pass_on(Stream::Received&& received, const Other& other, bool& ended, Context& ctx);
};

}  // namespace tcp_proxy
