// SPDX-License-Identifier: Apache-2.0
// Handlers of bank.tina's Teller: calls the account of its own shard and that of the other.
#pragma once

#include "bank.tina.h"

namespace bank {

inline std::uint64_t replies = 0;
inline std::uint64_t failures = 0;

struct Teller : TellerBase {
  std::uint64_t left = 0;
  std::uint64_t turns = 0;

  InitResult on_init(TellerInit&&, Context&) { return ok(); }
  Then<Stay<Idle>, Busy> on_beat(in<Idle>, const tina::Fired&, Context& ctx) {
    if (++turns % 3 == 0) return stay(yield());
    return go(ctx);
  }
  Then<Stay<Idle>, Busy> on_sys_yielded(in<Idle>, const sys::Yielded&, Context& ctx) {
    return go(ctx);
  }
  Then<Stay<Busy>, Idle> on_ledger_move_reply(in<Busy>, const tina::Reply<Ledger::Move>&,
                                              Context&) {
    return ended(replies);
  }
  Then<Stay<Busy>, Idle> on_ledger_move_failed(in<Busy>, const tina::Failed<Ledger::Move>&,
                                               Context&) {
    return ended(failures);
  }
  Then<Stay<Busy>, Idle> on_ledger_later_reply(in<Busy>, const tina::Reply<Ledger::Later>&,
                                               Context&) {
    return ended(replies);
  }
  Then<Stay<Busy>, Idle> on_ledger_later_failed(in<Busy>, const tina::Failed<Ledger::Later>&,
                                                Context&) {
    return ended(failures);
  }

 private:
  Then<Stay<Idle>, Busy> go(Context& ctx) {
    left = 4;
    const tina::ShardId other{static_cast<std::uint16_t>(tina::index(ctx.shard()) ^ 1)};
    const auto there = ctx.child<Root::account>(other, 0);
    return to<Busy>(call(ledger.move(1), ledger.move(there, -1), ledger.later(2),
                         ledger.later(there, -2).tag(turns)));
  }
  Then<Stay<Busy>, Idle> ended(std::uint64_t& count) {
    ++count;
    if (--left == 0) return to<Idle>();
    return stay();
  }
};

}  // namespace bank
