// SPDX-License-Identifier: Apache-2.0
// Hears the culprit's notes: each incarnation counts them from 0 on. Shard's thread.
#pragma once

#include "endless.tina.h"

namespace endless {

struct Reader : ReaderBase {
  std::uint64_t last = 0;

  InitResult on_init(ReaderInit&&, Context&) { return ok(); }
  Effect on_parcel(Parcel&&, Context&) { return crash("nobody sends one"); }
  Effect on_note(const Note& note, Context&) {
    if (note.number != 0 && note.number <= last) return crash("a note came twice");
    last = note.number;
    return receive();
  }
};

}  // namespace endless
