// SPDX-License-Identifier: Apache-2.0
// Handlers of watch.tina's Fan.
#pragma once

#include <utility>

#include "watch.tina.h"

namespace watch {

inline std::uint64_t watching = 0, downs = 0, refused = 0, twice = 0;

struct Fan : FanBase {
  bool told = false;

  InitResult on_init(FanInit&& init, Context& ctx) {
    const tina::ShardId where = init.far ? tina::ShardId{0} : ctx.shard();
    const tina::Ref<Star> star{tina::Handle::make(where, 0, 1)};
    ++(ctx.monitor(star) == tina::MonitorResult::kWatching ? watching : refused);
    return ok();
  }
  Effect on_fall(const Fall&, Context&) { return done(); }
  Effect on_sys_down(const sys::Down&, Context&) {
    ++downs;
    if (std::exchange(told, true)) ++twice;
    return receive();
  }
};

}  // namespace watch
