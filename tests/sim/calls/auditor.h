// SPDX-License-Identifier: Apache-2.0
// Handlers of bank.tina's Auditor: follows and monitors the account of the other shard.
#pragma once

#include "bank.tina.h"

namespace bank {

inline std::uint64_t downs = 0;
inline std::uint64_t moves = 0;
inline std::uint64_t restarts = 0;
inline std::uint64_t quarantines = 0;

struct Auditor : AuditorBase {
  tina::Ref<Account> watched;

  InitResult on_init(AuditorInit&&, Context&) { return ok(); }
  Effect on_ledger_moved(const Ledger::Moved&, Context&) {
    ++moves;
    return receive();
  }
  Effect on_follow(const Follow& follow, Context& ctx) {
    if (follow.account == watched) return receive();
    watched = follow.account;
    if (ctx.monitor(watched) == tina::MonitorResult::kFull) watched = {};
    return receive();
  }
  Effect on_sys_down(const sys::Down& down, Context&) {
    if (down.is(watched)) watched = {};
    ++downs;
    return receive();
  }
  Effect on_sys_shard_restarted(const sys::ShardRestarted&, Context&) {
    ++restarts;
    return receive();
  }
  Effect on_sys_shard_quarantined(const sys::ShardQuarantined&, Context&) {
    ++quarantines;
    return receive();
  }
  Effect on_look(const tina::Fired&, Context& ctx) {
    const tina::ShardId other{static_cast<std::uint16_t>(tina::index(ctx.shard()) ^ 1)};
    static_cast<void>(ctx.send(ctx.child<Root::account>(other, 0),
                               Follow{.follower = ctx.self(), .auditor = ctx.self()}));
    return receive();
  }
};

}  // namespace bank
