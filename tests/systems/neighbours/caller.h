// SPDX-License-Identifier: Apache-2.0
// Makes its calls, and compares each byte that it hears with what it has said. Every other call
// ends by a word, as a client that is polite; the others just hang up.
#pragma once

#include <array>

#include "neighbours.tina.h"

namespace neighbours {

/// Bytes that were not what was said, and calls that were not finished.
inline std::uint64_t wrong = 0;
inline std::uint64_t failed = 0;

struct Caller : CallerBase {
  using Stream = net::unix_stream;

  InitResult on_init(CallerInit&& init, Context&) {
    where = init.at;
    rounds = init.rounds;
    number = init.number;
    return ok();
  }
  Entry<Calling> on_enter(in<Calling>, Context& ctx) {
    if (!ctx.line.idle(net::all)) return start();
    return start(line.connect(where));
  }
  Then<Talking, Waiting> on_line_connected(in<Calling>, const Stream::Connected& end, Context&) {
    failed += !end.ok();
    if (!end.ok()) return to<Waiting>();
    return to<Talking>();
  }
  Entry<Talking> on_enter(in<Talking>, Context&) {
    heard = 0;
    for (std::size_t i = 0; i < said.size(); ++i) said[i] = byte(i);
    return start(line.send(std::as_bytes(std::span(said))), line.receive());
  }
  Then<Stay<Talking>, Closing> on_line_sent(in<Talking>, const Stream::Sent& sent, Context&) {
    if (!sent.ok()) return to<Closing>();
    if (round % 2 == 0) return stay(io(line.finish()));
    return stay();
  }
  Then<Stay<Talking>, Closing> on_line_finished(in<Talking>, const Stream::Finished&, Context&) {
    return stay();
  }
  Then<Stay<Talking>, Closing> on_line_received(in<Talking>, Stream::Received&& got, Context&) {
    if (!got.ok()) return to<Closing>();
    for (const std::byte one : got.data.bytes()) {
      wrong += heard >= said.size() || one != std::byte{byte(heard)};
      ++heard;
    }
    if (heard < said.size() || round % 2 == 0) return stay(io(line.receive()));
    return to<Closing>();
  }
  Entry<Closing> on_enter(in<Closing>, Context&) {
    if (heard == said.size()) ++round;
    failed += heard != said.size();
    return start(line.close());
  }
  Then<Waiting, Gone> on_line_closed(in<Closing>, const Stream::Closed&, Context&) {
    if (round >= rounds) return to<Gone>();
    return to<Waiting>();
  }

  net::UnixAddress where;
  std::uint32_t rounds = 0;
  std::uint32_t round = 0;
  std::uint32_t number = 0;
  std::uint32_t heard = 0;
  std::array<std::uint8_t, 1500> said{};

 private:
  std::uint8_t byte(std::size_t at) const {
    return static_cast<std::uint8_t>(at * 31 + number * 7 + round * 13);
  }
};

}  // namespace neighbours
