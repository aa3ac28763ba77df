// SPDX-License-Identifier: Apache-2.0
// The outside world of `echo simulate`: one client that sends a word and wants it back.
#include <algorithm>

#include "echo.tina.h"
#include "tina/sim.h"

namespace echo {
namespace {

constexpr std::string_view kWord = "hello";

class Client final : public tina::sim::Peer {
 public:
  explicit Client(std::uint16_t port) : port_(port) {}

  void on_start() override { connect(port_); }
  void on_connected() override {
    returned_ = 0;
    send(kWord);
  }
  void on_bytes(std::span<const std::byte> bytes) override {
    returned_ += bytes.size();
    verified(bytes.size());
    if (returned_ < kWord.size()) return;
    close();
    done();
  }
  void on_closed(tina::sim::Closed) override { after(std::chrono::milliseconds(20)); }
  void on_timer() override { connect(port_); }

 private:
  std::uint16_t port_;
  std::size_t returned_ = 0;
};

}  // namespace
}  // namespace echo

void tina_simulated_peers(tina::sim::Peers& peers) {
  peers.add<echo::Client>(peers.config<echo::Config>().port);
}
