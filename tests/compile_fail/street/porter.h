// SPDX-License-Identifier: Apache-2.0
// Lets guests in: right as it is, and broken line by line by the tests.
#pragma once

#include "street.tina.h"

namespace street {

struct Porter : PorterBase {
  InitResult on_init(PorterInit&&, Context&) { return ok(io(door.accept())); }
  Effect on_door_accepted(net::tcp_listener::Accepted&& accepted, Context& ctx) {
    if (!accepted.ok()) return crash("no more descriptors");
    tina::SendResult told = ctx.send(desk, Hello{.times = 1});
    tina::SpawnStatus took = ctx.spawn({.conn = std::move(accepted.stream)}).status;
    if (told != tina::SendResult::kQueued || took != tina::SpawnStatus::kSpawned) ++refused;
    return io(door.accept());
  }

  tina::Ref<Desk> desk;
  std::uint64_t refused = 0;
};

}  // namespace street
