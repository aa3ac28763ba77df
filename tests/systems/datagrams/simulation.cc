// SPDX-License-Identifier: Apache-2.0
// The outside world: one that asks from elsewhere, so that answers leave the system, too.
#include <cstring>

#include "asker.h"
#include "tina/sim.h"

namespace datagrams {
namespace {

/// Asks once in a while, and must hear nothing that it has not said.
class Stranger final : public tina::sim::Peer {
 public:
  explicit Stranger(std::uint16_t port) : port_(port) {}

  void on_start() override { on_timer(); }
  void on_timer() override {
    if (asked_ == kRounds) return done();
    ++asked_;
    send_datagram(port_, std::as_bytes(std::span(&asked_, 1)));
    after(std::chrono::milliseconds(1 + choose(30)));
  }
  void on_datagram(std::uint16_t from, std::span<const std::byte> bytes) override {
    std::uint32_t said = 0;
    if (bytes.size() == sizeof said) std::memcpy(&said, bytes.data(), sizeof said);
    if (from != port_ || said == 0 || said > asked_) fail("an answer to what was not asked");
    verified(bytes.size());
  }

 private:
  static constexpr std::uint32_t kRounds = 50;

  std::uint16_t port_;
  std::uint32_t asked_ = 0;
};

}  // namespace
}  // namespace datagrams

void tina_simulated_peers(tina::sim::Peers& peers) {
  datagrams::wrong = datagrams::again = 0;
  const auto& config = peers.config<datagrams::Config>();
  peers.add<datagrams::Stranger>(config.port);
  peers.add<datagrams::Stranger>(config.desk);
}
