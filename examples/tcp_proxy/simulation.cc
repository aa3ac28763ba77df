// SPDX-License-Identifier: Apache-2.0
// The outside world of the proxy in simulation: upstreams that send back what they hear, and
// clients that compare it. Of the three upstreams the last one has so few places that it mostly
// refuses. A client ends its side first and must still hear all that it has said.
#include <algorithm>
#include <string_view>
#include <vector>

#include "proxy.tina.h"
#include "proxy_properties.h"
#include "tina/sim.h"

namespace tcp_proxy {
namespace {

using std::chrono::milliseconds;
using tina::sim::Closed;

constexpr unsigned kClients = 12;
constexpr std::uint64_t kRoundsMax = 8;
constexpr std::uint64_t kBytesMax = 60'000;

class Client final : public tina::sim::Peer {
 public:
  explicit Client(std::uint16_t port) : port_(port) {}

  void on_start() override {
    rounds_ = 1 + choose(kRoundsMax);
    after(milliseconds(20));  // every upstream listens by then
  }
  void on_connected() override {
    keep_open();
    expect_end();  // a fault of the other side ends this one too
    said_.resize(1 + choose(kBytesMax));
    for (std::byte& byte : said_) byte = static_cast<std::byte>(choose(256));
    heard_ = 0;
    send(said_);
    finish();
  }
  void on_bytes(std::span<const std::byte> bytes) override {
    const auto due = said_.begin() + static_cast<std::ptrdiff_t>(heard_);
    if (bytes.size() > said_.size() - heard_ || !std::equal(bytes.begin(), bytes.end(), due)) {
      return fail("a byte is changed, or there are too many");
    }
    heard_ += bytes.size();
    verified(bytes.size());
    if (choose(30) != 0) return;
    hold(true);  // a slow reader
    after(milliseconds(1 + choose(30)));
  }
  void on_closed(Closed how) override {
    const bool whole = how == Closed::kEnd && heard_ == said_.size();
    if (whole && --rounds_ == 0) return done();
    if (!whole && how != Closed::kRefused) ++broken;
    after(milliseconds(1 + choose(200)));
  }
  void on_timer() override {
    if (connected()) return hold(false);
    connect(port_);
  }

 private:
  std::uint16_t port_;
  std::uint64_t rounds_ = 0;
  std::vector<std::byte> said_;
  std::size_t heard_ = 0;
};

/// Sends back what it hears, one client after the other. A rare one rests in between.
class Upstream final : public tina::sim::Peer {
 public:
  Upstream(std::uint16_t port, bool rare) : port_(port), rare_(rare) {}

  void on_start() override { listen(port_); }
  void on_connected() override {
    keep_open();
    expect_end();
  }
  void on_bytes(std::span<const std::byte> bytes) override { send(bytes); }
  void on_finished() override { finish(); }
  void on_closed(Closed) override {
    if (!rare_) return listen(port_);
    after(milliseconds(1 + choose(300)));
  }
  void on_timer() override { listen(port_); }

 private:
  std::uint16_t port_;
  bool rare_;
};

}  // namespace
}  // namespace tcp_proxy

void tina_simulated_peers(tina::sim::Peers& peers) {
  using namespace tcp_proxy;
  const Config& config = peers.config<Config>();
  broken = 0;
  UpstreamList list;
  if (!read_upstreams(config.upstreams.view(), list)) return;
  for (unsigned i = 0; i < kClients; ++i) peers.add<Client>(config.port);
  for (std::uint32_t index = 0; index < list.count; ++index) {
    const bool rare = index + 1 == list.count;
    const unsigned places = rare ? 1 : 2 * kClients;
    for (unsigned i = 0; i < places; ++i) peers.add<Upstream>(list.at[index].port, rare);
  }
}
