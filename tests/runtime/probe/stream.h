// SPDX-License-Identifier: Apache-2.0
// Handlers of probe.tina's Stream: echoes; certain first bytes make it misuse its I/O object.
#pragma once

#include "acts.h"
#include "probe.tina.h"

namespace probe {

struct Stream : StreamBase {
  char greeting[16] = "own bytes";

  InitResult on_init(StreamInit&&, Context&) {
    see("stream.init", 0);
    return ok(io(peer.receive()));
  }
  Effect on_peer_received(net::tcp_stream::Received&& m, Context& ctx) {
    see("stream.received", m.data.size());
    if (!m.ok()) return done();
    switch (m.data.text()[0]) {
      case 'T':  // starts the same lane twice
        return io(peer.receive(), peer.receive());
      case 'O':  // sends its own bytes
        return io(peer.send(std::as_bytes(std::span(greeting, 9))), peer.receive());
      case 'X': {  // sends bytes that are not its own
        static const char kElsewhere[] = "elsewhere";
        return io(peer.send(std::as_bytes(std::span(kElsewhere))));
      }
      case 'F':
        misbehave(Act::FAULT);
        return done();
      case 'D':  // leaves the buffer where it is
        return io(peer.receive());
      case 'E':
        return done();
      case 'W':  // a timer is to fire while it reads
        ctx.pause.arm(std::chrono::milliseconds(5));
        return io(peer.receive());
      default:
        return io(peer.send(std::move(m.data)));
    }
  }
  Effect on_peer_sent(const net::tcp_stream::Sent& m, Context&) {
    see("stream.sent", m.size);
    if (!m.ok()) return done();
    if (!std::exchange(greeted, true)) return io(peer.receive());
    return receive();
  }
  Effect on_pause(const tina::Fired&, Context&) {
    see("stream.pause", 0);
    return receive();
  }
  bool greeted = false;
};

}  // namespace probe
