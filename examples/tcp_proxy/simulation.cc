// SPDX-License-Identifier: Apache-2.0
// The outside world of the proxy in simulation: clients, and the upstreams that they talk to
// through it. Each exchange has an order of ends of its own: both at once; the upstream answers
// only when it has read the client's end; or the client speaks only when it has read the
// upstream's. The last two never end if the proxy does not pass an end on, or ends more than that.
// Of the three upstreams the last one has so few places that it mostly refuses.
#include <algorithm>
#include <utility>
#include <vector>

#include "exchange.h"
#include "proxy.tina.h"
#include "proxy_properties.h"
#include "tina/sim.h"

namespace tcp_proxy {
namespace {

using std::chrono::milliseconds;
using tina::sim::Closed;

constexpr unsigned kClients = 12;
constexpr std::uint64_t kRoundsMax = 8;

/// A side of an exchange: compares what it hears with what is due.
class Side : public tina::sim::Peer {
 protected:
  void expect_bytes(std::vector<std::byte> due) { due_ = std::move(due), heard_ = 0; }
  void hear(std::span<const std::byte> bytes) {
    const auto due = due_.begin() + static_cast<std::ptrdiff_t>(heard_);
    if (bytes.size() > due_.size() - heard_ || !std::equal(bytes.begin(), bytes.end(), due)) {
      return fail("a byte is changed, or there are too many");
    }
    heard_ += bytes.size();
    verified(bytes.size());
    if (choose(30) != 0) return;
    hold(true);  // a slow reader
    after(milliseconds(1 + choose(30)));
  }
  bool heard_all() const { return heard_ == due_.size(); }

 private:
  std::vector<std::byte> due_;
  std::size_t heard_ = 0;
};

/// Goes on until it has had a number of whole exchanges.
class Client final : public Side {
 public:
  explicit Client(std::uint16_t port) : port_(port) {}

  void on_start() override {
    rounds_ = 1 + choose(kRoundsMax);
    after(milliseconds(20));  // every upstream listens by then
  }
  void on_connected() override {
    keep_open();
    expect_end();  // a fault of the other side ends this one too
    exchange_ = Exchange(std::uint64_t{number()} << 32 | ++attempts_);
    expect_bytes(exchange_.down());
    const std::vector<std::byte> all = exchange_.up();
    const bool waits = exchange_.order() == Order::kUpstreamFirst;
    send(std::span(all).first(waits ? Exchange::kHead : all.size()));
    if (!waits) finish();
    finished_ = !waits;
  }
  void on_bytes(std::span<const std::byte> bytes) override { hear(bytes); }
  void on_finished() override {
    if (!heard_all()) return close_broken();
    const std::vector<std::byte> all = exchange_.up();
    send(std::span(all).subspan(Exchange::kHead));
    finished_ = true;
    finish();  // both sides have ended, so this is the end
  }
  void on_closed(Closed how) override {
    const bool whole = how == Closed::kEnd && finished_ && heard_all();
    if (whole && --rounds_ == 0) return done();
    if (!whole && how != Closed::kRefused) ++broken;
    after(milliseconds(1 + choose(200)));
  }
  void on_timer() override {
    if (connected()) return hold(false);
    connect(port_);
  }

 private:
  void close_broken() {
    ++broken;
    close();
    after(milliseconds(1 + choose(200)));
  }

  std::uint16_t port_;
  std::uint64_t rounds_ = 0;
  std::uint64_t attempts_ = 0;
  Exchange exchange_;
  bool finished_ = false;
};

/// Serves one client after the other. A rare one rests in between.
class Upstream final : public Side {
 public:
  Upstream(std::uint16_t port, bool rare) : port_(port), rare_(rare) {}

  void on_start() override { listen(port_); }
  void on_connected() override {
    keep_open();
    expect_end();
    head_.clear();
    finished_ = false;
  }
  void on_bytes(std::span<const std::byte> bytes) override {
    if (head_.size() < Exchange::kHead) {
      const std::size_t missing = std::min(Exchange::kHead - head_.size(), bytes.size());
      head_.insert(head_.end(), bytes.begin(),
                   bytes.begin() + static_cast<std::ptrdiff_t>(missing));
      bytes = bytes.subspan(missing);
      if (head_.size() == Exchange::kHead) begin();
    }
    if (!bytes.empty()) hear(bytes);
  }
  void on_finished() override {
    if (head_.empty()) return finish();  // a probe says nothing
    if (head_.size() == Exchange::kHead && heard_all()) return say_all();
    ++broken;
    close();
    rest();
  }
  void on_closed(Closed how) override {
    if (!head_.empty() && (how != Closed::kEnd || !finished_ || !heard_all())) ++broken;
    rest();
  }
  void on_timer() override {
    if (connected()) return hold(false);
    if (std::exchange(resting_, false)) listen(port_);
  }

 private:
  void begin() {
    exchange_ = Exchange(std::span<const std::byte, Exchange::kHead>(head_));
    std::vector<std::byte> remainder = exchange_.up();
    remainder.erase(remainder.begin(), remainder.begin() + Exchange::kHead);
    expect_bytes(std::move(remainder));
    if (exchange_.order() != Order::kClientFirst) say_all();
  }
  void say_all() {
    finished_ = true;
    send(exchange_.down());
    finish();
  }
  void rest() {
    if (!rare_) return listen(port_);
    resting_ = true;
    after(milliseconds(1 + choose(300)));
  }

  std::uint16_t port_;
  bool rare_;
  std::vector<std::byte> head_;
  Exchange exchange_;
  bool finished_ = false;
  bool resting_ = false;
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
