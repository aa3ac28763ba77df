// SPDX-License-Identifier: Apache-2.0
// Handlers of routed.tina's Cell: the values of the keys that a route leads here.
#pragma once

#include <algorithm>
#include <array>

#include "routed.tina.h"

namespace routed {

struct Cell : CellBase {
  std::array<std::uint64_t, 101> values{};
  std::uint32_t place = 0;
  std::uint32_t puts = 0;
  std::array<std::uint8_t, 101> times{};  ///< how often each key was put

  InitResult on_init(CellInit&& init, Context&) {
    place = init.part * 2 + init.index;
    return ok();
  }
  Answer<Store::Get> on_store_get(const Store::Get& get, Context&) {
    return reply(Store::Get::Result{.value = values.at(get.key), .place = place});
  }
  Effect on_store_put(const Store::Put& put, Context&) {
    ++puts;
    ++times.at(put.key);
    values.at(put.key) = put.value;
    return receive();
  }
  Effect on_store_flush(const Store::Flush&, Context& ctx) {
    values.fill(0);
    ctx.log(tina::Level::kInfo, "flushed", tina::Field{"place", place}, tina::Field{"puts", puts});
    return receive();
  }
  Effect on_sys_shutdown(const sys::Shutdown&, Context& ctx) {
    const std::int64_t keys =
        std::count_if(times.begin(), times.end(), [](std::uint8_t each) { return each > 0; });
    const std::uint32_t most = *std::max_element(times.begin(), times.end());
    ctx.log(tina::Level::kInfo, "held", tina::Field{"puts", puts}, tina::Field{"keys", keys},
            tina::Field{"most", most});
    return done();
  }
};

}  // namespace routed
