// SPDX-License-Identifier: Apache-2.0
// Handlers of handover.tina's Taker.
#pragma once

#include "acts.h"
#include "handover.tina.h"

namespace handover {

struct Taker : TakerBase {
  InitResult on_init(TakerInit&&, Context&) { return ok(); }
  Then<Stay<Hearing>, Gone> on_take(in<Hearing>, Take&& take, Context& ctx) {
    took.push_back(take.number);
    switch (take.number) {
      case kSpawn:
        spawned.push_back(ctx.spawn({.conn = std::move(take.conn)}).ok());
        break;
      case kFail:
        return crash("told to");
      case kEnd:
        return to<Gone>();
      case kPassOn: {
        const tina::ShardId other{static_cast<std::uint16_t>(1 - index(ctx.shard()))};
        Take next{kSpawn, std::move(take.conn)};
        sent.push_back(ctx.send(ctx.child<Root::taker>(other), std::move(next)));
        break;
      }
      default:
        break;
    }
    return stay();
  }
  Then<Stay<Hearing>, Deaf, Gone> on_do(in<Hearing>, const Do& order, Context&) {
    if (order.what == kBeDeaf) return to<Deaf>();
    if (order.what == kLeaveWork) return to<Gone>();
    return stay();
  }
  Then<Stay<Deaf>, Hearing, Gone> on_do(in<Deaf>, const Do& order, Context&) {
    if (order.what == kHear) return to<Hearing>();
    if (order.what == kLeaveWork) return to<Gone>();
    return stay();
  }
};

}  // namespace handover
