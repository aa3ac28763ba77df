// SPDX-License-Identifier: Apache-2.0
// Handlers of filter.tina's Filter.
#pragma once

#include "filter.tina.h"

namespace filter {

struct Filter : FilterBase {
  std::int64_t passed = 0;
  std::uint32_t leave = 0;
  std::uint32_t tell = 0;

  InitResult on_init(FilterInit&& init, Context&) {
    leave = init.leave;
    tell = init.tell;
    return ok();
  }
  Entry<Reading> on_enter(in<Reading>, Context&) { return start(io(source.receive())); }
  Then<Writing, Resting, Gone> on_source_received(in<Reading>, os::input::Received&& end,
                                                  Context& ctx) {
    if (end.ok()) {
      if (tell != 0) ctx.log(tina::Level::kInfo, "passed", tina::Field{"bytes", passed});
      return to<Writing>(io(sink.write(std::move(end.data))));
    }
    ctx.log(tina::Level::kInfo, "input_ended", tina::Field{"bytes", passed},
            tina::Field{"errno", end.error});
    if (leave != 0) return to<Gone>();
    return to<Resting>();
  }
  Then<Reading, Gone> on_sink_written(in<Writing>, const os::output::Written& end, Context& ctx) {
    passed += end.size;
    if (end.ok()) return to<Reading>();
    ctx.log(tina::Level::kWarning, "output_failed", tina::Field{"errno", end.error});
    return to<Gone>();
  }
};

}  // namespace filter
