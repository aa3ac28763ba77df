// SPDX-License-Identifier: Apache-2.0
// Accepts one caller at a time. One that finds no room is closed.
#pragma once

#include <utility>

#include "neighbours.tina.h"

namespace neighbours {

struct Door : DoorBase {
  InitResult on_init(DoorInit&&, Context&) { return ok(io(door.accept())); }

  Effect on_door_accepted(net::unix_listener::Accepted&& accepted, Context& ctx) {
    if (accepted.ok()) refused += !ctx.spawn({.line = std::move(accepted.stream)}).ok();
    return io(door.accept());
  }

  std::uint32_t refused = 0;
};

}  // namespace neighbours
