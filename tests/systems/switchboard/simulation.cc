// SPDX-License-Identifier: Apache-2.0
// The outside world of the switchboard: clients that send random bytes and check that what comes
// back is a beginning of them. A connection ends early only by a fault, and is made anew.
#include <algorithm>
#include <vector>

#include "switchboard.tina.h"
#include "tina/sim.h"

namespace switchboard {
namespace {

using std::chrono::milliseconds;

constexpr unsigned kClients = 40;
constexpr unsigned kRounds = 5;
constexpr std::uint64_t kMessageMax = 3000;

class Client final : public tina::sim::Peer {
 public:
  explicit Client(std::uint16_t port) : port_(port) {}

  void on_start() override { connect(port_); }
  void on_connected() override { send_round(); }
  void on_bytes(std::span<const std::byte> bytes) override {
    if (bytes.size() > expected_.size() - checked_) return fail("got more bytes than it sent");
    const auto due = expected_.begin() + static_cast<std::ptrdiff_t>(checked_);
    if (!std::equal(bytes.begin(), bytes.end(), due)) return fail("a byte came back changed");
    checked_ += bytes.size();
    verified(bytes.size());
    if (checked_ < expected_.size()) return;
    if (--left_ > 0) return send_round();
    close();
    done();
  }
  void on_timer() override { connect(port_); }
  void on_closed(tina::sim::Closed) override { after(milliseconds(20)); }

 private:
  void send_round() {
    expected_.resize(1 + choose(kMessageMax));
    for (std::byte& byte : expected_) byte = static_cast<std::byte>(choose(256));
    checked_ = 0;
    send(expected_);
  }

  std::uint16_t port_;
  unsigned left_ = kRounds;
  std::vector<std::byte> expected_;
  std::size_t checked_ = 0;
};

}  // namespace
}  // namespace switchboard

void tina_simulated_peers(tina::sim::Peers& peers) {
  const std::uint16_t port = peers.config<switchboard::Config>().port;
  for (unsigned i = 0; i < switchboard::kClients; ++i) peers.add<switchboard::Client>(port);
}
