// SPDX-License-Identifier: Apache-2.0
// The outside world of the courier: clients whose connections may end though nothing has happened
// to them, since a crash of the office takes parcels of all with it.
#include "courier.tina.h"
#include "echo_client.h"
#include "tina/sim.h"

void tina_simulated_peers(tina::sim::Peers& peers) {
  constexpr unsigned kClients = 24;
  const std::uint16_t port = peers.config<courier::Config>().port;
  for (unsigned i = 0; i < kClients; ++i) {
    peers.add<systems::EchoClient>(
        port, systems::EchoClient::Ways{.rounds = 40, .bytes_max = 5000, .may_end = true});
  }
}
