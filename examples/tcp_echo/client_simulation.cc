// SPDX-License-Identifier: Apache-2.0
// The outside world of the clients in simulation: servers that send back what they hear, and break
// or leave a connection now and then.
#include "client.tina.h"
#include "tina/address_text.h"
#include "tina/sim.h"

namespace echo_client {
namespace {

using std::chrono::milliseconds;

/// Serves one client after the other.
class Server final : public tina::sim::Peer {
 public:
  explicit Server(std::uint16_t port) : port_(port) {}

  void on_start() override { listen(port_); }
  void on_connected() override { expect_end(); }
  void on_bytes(std::span<const std::byte> bytes) override {
    verified(bytes.size());
    switch (choose(400)) {
      case 0:
        reset();
        return after(milliseconds(1 + choose(100)));
      case 1:
        close();
        return after(milliseconds(1 + choose(100)));
      default:
        send(bytes);
    }
  }
  void on_closed(tina::sim::Closed) override { listen(port_); }
  void on_timer() override { listen(port_); }

 private:
  std::uint16_t port_;
};

/// Keeps the run going until the clients have had time for all that they want to do: a run waits
/// for nobody who listens.
class Day final : public tina::sim::Peer {
 public:
  void on_start() override { after(std::chrono::minutes(5)); }
  void on_timer() override { done(); }
};

}  // namespace
}  // namespace echo_client

void tina_simulated_peers(tina::sim::Peers& peers) {
  const echo_client::Config& config = peers.config<echo_client::Config>();
  for (std::uint32_t i = 0; i < config.clients; ++i) {
    peers.add<echo_client::Server>(config.server.port);
  }
  peers.add<echo_client::Day>();
}
