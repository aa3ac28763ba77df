// SPDX-License-Identifier: Apache-2.0
// The bank: pays what is there, and says what is left. Shard's thread.
#pragma once

#include <array>

#include "client_server.tina.h"

namespace client_server {

struct Server : ServerBase {
  InitResult on_init(ServerInit&&, Context&) {
    balances.fill(BALANCE);
    return ok();
  }
  Answer<Bank::Withdraw> on_bank_withdraw(const Bank::Withdraw& wanted, Context&) {
    if (wanted.account >= CLIENTS) return crash("no such account");
    std::uint32_t& balance = balances[wanted.account];
    const bool paid = wanted.amount <= balance;
    if (paid) balance -= wanted.amount;
    return reply(Bank::Withdraw::Result{.paid = paid, .balance = balance});
  }

  std::array<std::uint32_t, CLIENTS> balances{};
};

}  // namespace client_server
