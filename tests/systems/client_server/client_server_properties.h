// SPDX-License-Identifier: Apache-2.0
// What must hold of the bank in every pass of every run.
#pragma once

#include "client.h"
#include "server.h"
#include "teller.h"
#include "tina/sim.h"

namespace client_server {

/// No client has more than was in its account, and the two agree up to the answer on its way.
inline bool never_overdrawn(const tina::sim::View& world) {
  bool holds = world.crashed<Client>() == 0;
  world.each<Client>([&](const Client& client) {
    holds = holds && client.drawn <= BALANCE;
    world.each<Server>([&](const Server& server) {
      const std::uint32_t gone = BALANCE - server.balances[client.account];
      holds = holds && (gone == client.drawn || gone == client.drawn + Client::kAmount);
    });
  });
  return holds;
}
inline bool all_come_to_an_end(const tina::sim::View& world) {
  bool holds = false;
  world.each<Teller>([&](const Teller& teller) { holds = teller.over == CLIENTS; });
  return holds;
}
inline bool somebody_was_paid(const tina::sim::View& world) {
  bool holds = false;
  world.each<Client>([&](const Client& client) { holds = holds || client.drawn > 0; });
  return holds;
}

}  // namespace client_server
