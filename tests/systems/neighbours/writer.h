// SPDX-License-Identifier: Apache-2.0
// Writes its notes, and compares each answer with what it has written.
#pragma once

#include <array>
#include <cstring>

#include "caller.h"
#include "neighbours.tina.h"

namespace neighbours {

struct Writer : WriterBase {
  using Socket = net::unix_datagram;
  using Note = std::array<std::uint32_t, 2>;

  InitResult on_init(WriterInit&& init, Context&) {
    where = init.at;
    rounds = init.rounds;
    number = init.number;
    return ok();
  }
  Entry<Opening> on_enter(in<Opening>, Context& ctx) {
    if (!ctx.desk.idle(net::all)) return start();
    return start(desk.connect(where));
  }
  Then<Writing, Waiting> on_desk_connected(in<Opening>, const Socket::Connected& end, Context&) {
    failed += !end.ok();
    if (!end.ok()) return to<Waiting>();
    return to<Writing>();
  }
  Entry<Writing> on_enter(in<Writing>, Context&) {
    note = {number, round};
    return start(desk.send(std::as_bytes(std::span(note))), desk.receive());
  }
  Then<Stay<Writing>, Closing> on_desk_sent(in<Writing>, const Socket::Sent& sent, Context&) {
    if (!sent.ok()) return to<Closing>();
    return stay();
  }
  Then<Writing, Closing> on_desk_received_from(in<Writing>, Socket::ReceivedFrom&& answer,
                                               Context& ctx) {
    if (!answer.ok()) return to<Closing>();
    Note heard{};
    if (answer.data.size() == sizeof heard)
      std::memcpy(heard.data(), answer.data.bytes().data(), sizeof heard);
    wrong += heard != note || answer.from != where;
    // The answer may come before one hears that the note is sent.
    if (++round >= rounds || !ctx.desk.idle(net::write)) return to<Closing>();
    return to<Writing>();
  }
  Entry<Closing> on_enter(in<Closing>, Context&) { return start(desk.close()); }
  Then<Waiting, Gone> on_desk_closed(in<Closing>, const Socket::Closed&, Context&) {
    if (round >= rounds) return to<Gone>();
    return to<Waiting>();
  }

  net::UnixAddress where;
  std::uint32_t rounds = 0;
  std::uint32_t round = 0;
  std::uint32_t number = 0;
  Note note{};
};

}  // namespace neighbours
