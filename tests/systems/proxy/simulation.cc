// SPDX-License-Identifier: Apache-2.0
// The outside world of the proxy in simulation: clients, and the upstreams that they talk to
// through it. Each exchange has an order of ends of its own: both at once; the upstream answers
// only when it has read the client's end; or the client speaks only when it has read the
// upstream's. The last two never end if the proxy does not pass an end on, or ends more than that.
#include <algorithm>

#include "exchange.h"
#include "proxy.tina.h"
#include "tina/sim.h"

namespace proxy {
namespace {

using std::chrono::milliseconds;
using tina::sim::Closed;

constexpr unsigned kClients = 8;
/// An upstream may still read its end when its client has begun anew.
constexpr unsigned kUpstreams = 3 * kClients;
constexpr std::uint64_t kRoundsMax = 6;

/// A side of an exchange: compares what it hears with what is due.
class Side : public tina::sim::Peer {
 protected:
  void expect_bytes(std::vector<std::byte> due) { due_ = std::move(due), heard_ = 0; }
  void hear(std::span<const std::byte> bytes) {
    const bool fits = bytes.size() <= due_.size() - heard_;
    if (!fits || !std::equal(bytes.begin(), bytes.end(), due_.begin() + position())) {
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
  std::ptrdiff_t position() const { return static_cast<std::ptrdiff_t>(heard_); }

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
    after(milliseconds(1 + choose(20)));
  }
  void on_timer() override {
    if (connected()) return hold(false);
    connect(port_);
  }

 private:
  void close_broken() {
    ++broken;
    close();
    after(milliseconds(1 + choose(20)));
  }

  std::uint16_t port_;
  std::uint64_t rounds_ = 0;
  std::uint64_t attempts_ = 0;
  Exchange exchange_;
  bool finished_ = false;
};

/// Serves one client after the other.
class Upstream final : public Side {
 public:
  explicit Upstream(std::uint16_t port) : port_(port) {}

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
    if (head_.size() == Exchange::kHead && heard_all()) return say_all();
    ++broken;
    close();
    listen(port_);
  }
  void on_closed(Closed how) override {
    if (how != Closed::kEnd || !finished_ || !heard_all()) ++broken;
    listen(port_);
  }
  void on_timer() override { hold(false); }

 private:
  void begin() {
    exchange_ = Exchange(std::span<const std::byte, Exchange::kHead>(head_));
    std::vector<std::byte> rest = exchange_.up();
    rest.erase(rest.begin(), rest.begin() + Exchange::kHead);
    expect_bytes(std::move(rest));
    if (exchange_.order() != Order::kClientFirst) say_all();
  }
  void say_all() {
    finished_ = true;
    send(exchange_.down());
    finish();
  }

  std::uint16_t port_;
  std::vector<std::byte> head_;
  Exchange exchange_;
  bool finished_ = false;
};

}  // namespace
}  // namespace proxy

void tina_simulated_peers(tina::sim::Peers& peers) {
  const proxy::Config& config = peers.config<proxy::Config>();
  proxy::broken = 0;
  for (unsigned i = 0; i < proxy::kClients; ++i) peers.add<proxy::Client>(config.port);
  for (unsigned i = 0; i < proxy::kUpstreams; ++i) {
    peers.add<proxy::Upstream>(config.upstream.port);
  }
}
