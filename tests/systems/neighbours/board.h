// SPDX-License-Identifier: Apache-2.0
// Answers a note in the buffer that it came in. A writer whose queue is full hears nothing.
#pragma once

#include <utility>

#include "neighbours.tina.h"

namespace neighbours {

struct Board : BoardBase {
  using Socket = net::unix_datagram;

  InitResult on_init(BoardInit&&, Context&) { return ok(io(notes.receive())); }

  Effect on_notes_received_from(Socket::ReceivedFrom&& note, Context&) {
    if (!note.ok() || !note.data || note.from.is_unnamed()) return io(notes.receive());
    return io(notes.send_to(note.from, std::move(note.data)));
  }
  Effect on_notes_sent_to(const Socket::SentTo&, Context&) { return io(notes.receive()); }
};

}  // namespace neighbours
