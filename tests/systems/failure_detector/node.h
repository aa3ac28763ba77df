// SPDX-License-Identifier: Apache-2.0
// A node: a sign of life for each ping. A pong that nobody takes is missed like one that was lost.
#pragma once

#include "failure_detector.tina.h"

namespace failure_detector {

struct Node : NodeBase {
  InitResult on_init(NodeInit&& init, Context&) {
    number = init.number;
    return ok();
  }
  Effect on_ping(const Ping& ping, Context& ctx) {
    const Pong pong{.round = ping.round, .number = number};
    missed += ctx.send(ping.detector, pong) != tina::SendResult::kQueued;
    return receive();
  }

  std::uint32_t number = 0;
  std::uint32_t missed = 0;
};

}  // namespace failure_detector
