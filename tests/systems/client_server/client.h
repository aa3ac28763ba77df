// SPDX-License-Identifier: Apache-2.0
// A client: draws the same amount again and again, and keeps count of what it got. Shard's thread.
#pragma once

#include "client_server.tina.h"

namespace client_server {

struct Client : ClientBase {
  InitResult on_init(ClientInit&& init, Context&) {
    server = init.server;
    account = init.account;
    return ok();
  }
  Entry<Asking> on_enter(in<Asking>, Context&) {
    return start(call(bank.withdraw(server, account, kAmount)));
  }
  Then<Resting, Over> on_bank_withdraw_reply(in<Asking>, const tina::Reply<Bank::Withdraw>& answer,
                                             Context&) {
    if (!answer.result.paid) return to<Over>();
    drawn += kAmount;
    if (drawn + answer.result.balance != BALANCE) return crash("the bank is wrong");
    return to<Resting>();
  }

  static constexpr std::uint32_t kAmount = 30;
  tina::Ref<Server> server;
  std::uint32_t account = 0;
  std::uint32_t drawn = 0;
};

}  // namespace client_server
