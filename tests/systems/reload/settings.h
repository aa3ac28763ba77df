// SPDX-License-Identifier: Apache-2.0
// Handlers of reload.tina's Settings.
#pragma once

#include <array>
#include <chrono>

#include "reload.tina.h"

namespace reload {

struct Settings : SettingsBase {
  std::array<std::uint32_t, 4> heard = {};  ///< by signal
  std::uint32_t failed = 0;

  InitResult on_init(SettingsInit&&, Context&) { return ok(io(told.wait())); }
  Then<Stay<Hearing>> on_told_signalled(in<Hearing>, const os::signals::Signalled& end,
                                        Context& ctx) {
    if (end.ok()) {
      ++heard[static_cast<std::size_t>(end.which)];
      ctx.log(tina::Level::kInfo, "signalled",
              tina::Field{"which", static_cast<std::int64_t>(end.which)},
              tina::Field{"nth", heard[static_cast<std::size_t>(end.which)]});
    } else {
      ++failed;
    }
    return stay(io(told.wait()));
  }
};

}  // namespace reload
