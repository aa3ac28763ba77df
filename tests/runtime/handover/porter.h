// SPDX-License-Identifier: Apache-2.0
// Handlers of handover.tina's Porter.
#pragma once

#include "acts.h"
#include "handover.tina.h"

namespace handover {

struct Porter : PorterBase {
  net::tcp_stream kept;

  InitResult on_init(PorterInit&&, Context&) { return ok(io(server.accept())); }
  Effect on_server_accepted(net::tcp_listener::Accepted&& accepted, Context& ctx) {
    switch (give) {
      case Give::kKeep:
        kept = std::move(accepted.stream);
        break;
      case Give::kKept:
        hand_over(std::move(kept), ctx);
        break;
      case Give::kSpawnKept:
        spawned.push_back(ctx.spawn({.conn = std::move(kept)}).ok());
        break;
      case Give::kTwice: {
        Take take{number, std::move(accepted.stream)};
        for (int i = 0; i < 2; ++i) {
          sent.push_back(ctx.send(ctx.child<Root::taker>(target), std::move(take)));
        }
        break;
      }
      default:
        hand_over(std::move(accepted.stream), ctx);
        break;
    }
    if (give == Give::kCrash) return crash("told to");
    return io(server.accept());
  }

 private:
  void hand_over(net::tcp_stream&& conn, Context& ctx) {
    Take take{number, std::move(conn)};
    sent.push_back(give == Give::kByRef
                       ? ctx.send(tina::Ref<Taker>{taker}, std::move(take))
                       : ctx.send(ctx.child<Root::taker>(target), std::move(take)));
    left.push_back(take.conn.descriptor());
  }
};

}  // namespace handover
