// SPDX-License-Identifier: Apache-2.0
// A simulated client of systems that send back what they hear: it sends random bytes and checks
// that what comes back is a beginning of them. A connection that ends early is made anew: its bytes
// may be lost, never changed. Simulation's thread.
#pragma once

#include <algorithm>
#include <vector>

#include "tina/sim.h"

namespace systems {

class EchoClient final : public tina::sim::Peer {
 public:
  struct Ways {
    unsigned rounds;          ///< messages that must come back whole
    std::uint64_t bytes_max;  ///< of each
    bool may_end = false;     ///< the system may end any connection, not only at a fault of its own
  };

  EchoClient(std::uint16_t port, const Ways& ways) : port_(port), ways_(ways) {}

  void on_start() override { connect(port_); }
  void on_connected() override {
    if (ways_.may_end) expect_end();
    send_round();
  }
  void on_bytes(std::span<const std::byte> bytes) override {
    if (bytes.size() > expected_.size() - checked_) return fail("got more bytes than it sent");
    const auto due = expected_.begin() + static_cast<std::ptrdiff_t>(checked_);
    if (!std::equal(bytes.begin(), bytes.end(), due)) return fail("a byte came back changed");
    checked_ += bytes.size();
    verified(bytes.size());
    if (checked_ < expected_.size()) return;
    if (--ways_.rounds > 0) return send_round();
    close();
    done();
  }
  void on_timer() override { connect(port_); }
  void on_closed(tina::sim::Closed) override { after(std::chrono::milliseconds(20)); }

 private:
  void send_round() {
    expected_.resize(1 + choose(ways_.bytes_max));
    for (std::byte& byte : expected_) byte = static_cast<std::byte>(choose(256));
    checked_ = 0;
    send(expected_);
  }

  std::uint16_t port_;
  Ways ways_;
  std::vector<std::byte> expected_;
  std::size_t checked_ = 0;
};

}  // namespace systems
