// SPDX-License-Identifier: Apache-2.0
// The outside world of the switchboard: clients whose connections end early only by a fault.
#include "echo_client.h"
#include "switchboard.tina.h"
#include "tina/sim.h"

void tina_simulated_peers(tina::sim::Peers& peers) {
  constexpr unsigned kClients = 40;
  const std::uint16_t port = peers.config<switchboard::Config>().port;
  for (unsigned i = 0; i < kClients; ++i) {
    peers.add<systems::EchoClient>(
        port, systems::EchoClient::Ways{.rounds = 5, .bytes_max = 3000, .may_end = false});
  }
}
