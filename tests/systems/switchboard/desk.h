// SPDX-License-Identifier: Apache-2.0
// Handlers of switchboard.tina's Desk.
#pragma once

#include "switchboard.tina.h"

namespace switchboard {

struct Desk : DeskBase {
  std::uint32_t taken = 0;
  std::uint32_t row = 0;
  std::uint32_t refused = 0;

  InitResult on_init(DeskInit&&, Context&) { return ok(); }
  Then<Stay<Open>, Pausing> on_take(in<Open>, Take&& take, Context& ctx) {
    ++taken;
    // A refused spawn leaves the connection where it is: the runtime closes it.
    if (!ctx.spawn({.conn = std::move(take.conn)}).ok()) ++refused;
    if (++row < ROW) return stay();
    row = 0;
    return to<Pausing>();
  }
};

}  // namespace switchboard
