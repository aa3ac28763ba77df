// SPDX-License-Identifier: Apache-2.0
// Handlers of bank.tina's Account.
#pragma once

#include <utility>

#include "bank.tina.h"

namespace bank {

inline std::uint64_t fault_every = 0;  ///< payments; 0: never

struct Account : AccountBase {
  std::uint64_t payments = 0;
  std::int64_t balance = 0;
  tina::Token<Ledger::Later> open[2];
  tina::Subscriber<Ledger> follower;

  InitResult on_init(AccountInit&&, Context&) { return ok(); }
  Answer<Ledger::Move> on_ledger_move(const Ledger::Move& move, Context& ctx) {
    balance += move.by;
    if (ctx.send(follower, Ledger::Moved{.balance = balance}) != tina::SendResult::kQueued) {
      follower = {};
    }
    return reply(Ledger::Move::Result{.balance = balance});
  }
  Effect on_ledger_later(const Ledger::Later& later, tina::Token<Ledger::Later>&& token, Context&) {
    balance += later.by;
    (open[0] ? open[1] : open[0]) = std::move(token);
    return receive();
  }
  Effect on_pay(const tina::Fired&, Context& ctx) {
    if (++payments == fault_every && tina::index(ctx.shard()) == 1) {
      volatile int* volatile nowhere = nullptr;
      *nowhere = 1;
    }
    for (auto& token : open) {
      if (!token) continue;
      if (ctx.answer(std::move(token), {.balance = balance}) == tina::AnswerResult::kExpired) {
        ctx.log(tina::Level::kDebug, "too_late");
      }
    }
    return receive();
  }
  Effect on_follow(const Follow& follow, Context& ctx) {
    follower = follow.follower;
    static_cast<void>(ctx.send(follow.auditor, Follow{.account = ctx.self()}));
    return receive();
  }
};

}  // namespace bank
