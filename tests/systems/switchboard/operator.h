// SPDX-License-Identifier: Apache-2.0
// Handlers of switchboard.tina's Operator: each connection goes to the next desk that takes it.
#pragma once

#include "switchboard.tina.h"

namespace switchboard {

struct Operator : OperatorBase {
  std::uint32_t number = 0;
  std::uint32_t ring_full = 0;
  std::uint32_t desk_full = 0;
  std::uint32_t kept = 0;  ///< connections that no desk took

  InitResult on_init(OperatorInit&&, Context&) { return ok(io(server.accept())); }
  Effect on_server_accepted(net::tcp_listener::Accepted&& accepted, Context& ctx) {
    if (accepted.ok()) hand_over(Take{std::move(accepted.stream), number++}, ctx);
    return io(server.accept());
  }

 private:
  void hand_over(Take&& take, Context& ctx) {
    for (std::uint32_t tried = 0; tried < SHARDS; ++tried) {
      const tina::ShardId shard{static_cast<std::uint16_t>((take.number + tried) % SHARDS)};
      switch (ctx.send(ctx.child<Root::desk>(shard), std::move(take))) {
        case tina::SendResult::kQueued:
          return;
        case tina::SendResult::kRingFull:
          ++ring_full;
          break;
        case tina::SendResult::kFull:
          ++desk_full;
          break;
        case tina::SendResult::kDead:
          break;
      }
    }
    ++kept;
    if (!ctx.spawn({.conn = std::move(take.conn)}).ok()) {
      ctx.log(tina::Level::kWarning, "connection_refused");  // the runtime closes it
    }
  }
};

}  // namespace switchboard
