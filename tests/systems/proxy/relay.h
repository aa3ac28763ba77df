// SPDX-License-Identifier: Apache-2.0
// One client and its upstream. What is received goes on without a copy: the buffer that came from
// one side is the buffer that is sent to the other.
#pragma once

#include <utility>

#include "proxy.tina.h"

namespace proxy {

struct Relay : RelayBase {
  using Stream = net::tcp_stream;

  InitResult on_init(RelayInit&& init, Context&) {
    to_upstream = init.to;
    return ok();
  }
  Entry<Connecting> on_enter(in<Connecting>, Context&) {
    return start(upstream.connect(to_upstream));
  }
  Then<Relaying, Gone> on_upstream_connected(in<Connecting>, const Stream::Connected& connected,
                                             Context& ctx) {
    if (!connected.ok()) return to<Gone>();
    ctx.idle.arm(kIdle);
    return to<Relaying>(io(client.receive(), upstream.receive()));
  }

  Then<Stay<Relaying>, Gone> on_client_received(in<Relaying>, Stream::Received&& received,
                                                Context& ctx) {
    return pass_on(std::move(received), upstream, client_ended, ctx);
  }
  Then<Stay<Relaying>, Gone> on_upstream_received(in<Relaying>, Stream::Received&& received,
                                                  Context& ctx) {
    return pass_on(std::move(received), client, upstream_ended, ctx);
  }
  Then<Stay<Relaying>, Gone> on_upstream_sent(in<Relaying>, const Stream::Sent& sent, Context&) {
    if (!sent.ok()) return to<Gone>();
    return stay(io(client.receive()));
  }
  Then<Stay<Relaying>, Gone> on_client_sent(in<Relaying>, const Stream::Sent& sent, Context&) {
    if (!sent.ok()) return to<Gone>();
    return stay(io(upstream.receive()));
  }

  net::Address to_upstream;
  bool client_ended = false;
  bool upstream_ended = false;

 private:
  static constexpr std::chrono::seconds kIdle{120};

  /// Bytes are sent on, an end ends the same direction on the other side, an error ends all.
  template <class Other>
  Then<Stay<Relaying>, Gone> pass_on(Stream::Received&& received, const Other& other, bool& ended,
                                     Context& ctx) {
    ctx.idle.arm(kIdle);
    switch (received.status) {
      case net::Status::kOk:
        return stay(io(other.send(std::move(received.data))));
      case net::Status::kEnd:
        ended = true;
        return stay(io(other.finish()));
      case net::Status::kError:
        break;
    }
    return to<Gone>();
  }
};

}  // namespace proxy
