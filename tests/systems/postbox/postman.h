// SPDX-License-Identifier: Apache-2.0
// Handlers of postbox.tina's Postman.
#pragma once

#include "postbox.tina.h"

namespace postbox {

/// Answers that nobody has read, in the process's life.
inline std::uint64_t undelivered = 0;

struct Postman : PostmanBase {
  using Reader = fs::pipe_reader;
  using Writer = fs::pipe_writer;

  InitResult on_init(PostmanInit&& init, Context&) {
    letters = init.letters;
    answers = init.answers;
    return ok();
  }
  Entry<Opening> on_enter(in<Opening>, Context&) { return start(io(box.open(letters))); }
  Then<Calling, Later> on_box_opened(in<Opening>, const Reader::Opened& end, Context& ctx) {
    if (end.ok()) return to<Calling>();
    ctx.log(tina::Level::kWarning, "no_letters", tina::Field{"errno", end.error});
    return to<Later>();
  }
  Entry<Calling> on_enter(in<Calling>, Context&) { return start(io(way.open(answers))); }
  Then<Reading, Absent> on_way_opened(in<Calling>, const Writer::Opened& end, Context&) {
    if (end.ok()) return to<Reading>();
    return to<Absent>();
  }
  Entry<Reading> on_enter(in<Reading>, Context&) { return start(io(box.receive())); }
  Then<Writing, Resting> on_box_received(in<Reading>, Reader::Received&& end, Context&) {
    if (end.ok()) return to<Writing>(io(way.write(std::move(end.data))));
    return to<Resting>();
  }
  Then<Reading, Leaving> on_way_written(in<Writing>, const Writer::Written& end, Context&) {
    if (end.ok()) return to<Reading>();
    ++undelivered;
    return to<Leaving>();
  }
  Entry<Leaving> on_enter(in<Leaving>, Context&) { return start(io(way.close())); }

  fs::Path letters, answers;
};

}  // namespace postbox
