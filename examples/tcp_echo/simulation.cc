// SPDX-License-Identifier: Apache-2.0
// The outside world of `tcp_echo simulate`: clients that send random bytes in rounds and check
// that exactly these come back, in order. Some pipeline, some close only their sending side, some
// reset, some are slow to read, some are poison: their connection must die, and nobody else's.
#include <algorithm>
#include <vector>

#include "echo.tina.h"
#include "tina/sim.h"

namespace echo {
namespace {

using std::chrono::milliseconds;

constexpr unsigned kClients = 40;
constexpr unsigned kPoisonous = 4;
constexpr unsigned kRoundsMax = 60;
constexpr std::uint64_t kMessageMax = 6000;
constexpr std::uint32_t kPoisonAddress = 0x7f060606;  // 127.6.6.6 makes the listener fault
constexpr auto kRetryAfter = milliseconds(20);
constexpr std::byte kFill{0x2e};

/// Sends rounds of random bytes and verifies every byte of the echo. A connection that an injected
/// fault has broken is made anew; what was on its way in it is lost, as with any TCP connection.
class Client final : public tina::sim::Peer {
 public:
  explicit Client(std::uint16_t port) : port_(port) {}

  void on_start() override {
    rounds_ = 1 + static_cast<unsigned>(choose(kRoundsMax));
    pipelined_ = 1 + static_cast<unsigned>(choose(3));
    connect(port_);
  }

  void on_connected() override {
    expected_.clear();
    checked_ = 0;
    finished_ = false;
    next_step();
  }

  void on_bytes(std::span<const std::byte> bytes) override {
    const std::size_t left = expected_.size() - checked_;
    if (bytes.size() > left) return fail("got more bytes than it sent");
    const auto due = expected_.begin() + static_cast<std::ptrdiff_t>(checked_);
    if (!std::equal(bytes.begin(), bytes.end(), due)) return fail("a byte came back changed");
    checked_ += bytes.size();
    verified(bytes.size());
    if (choose(40) == 0) {
      hold(true);
      after(milliseconds(1 + choose(50)));
    }
    if (checked_ == expected_.size() && !finished_) next_step();
  }

  void on_timer() override {
    if (connected()) return hold(false);
    connect(port_);
  }

  void on_closed(tina::sim::Closed how) override {
    if (finished_ && how == tina::sim::Closed::kEnd && checked_ == expected_.size()) {
      if (rounds_ == 0) return done();
    } else if (finished_ && !fault_injected()) {
      return fail("bytes that it had sent before its end did not come back");
    }
    after(kRetryAfter);  // a new connection, when the listener may be there again
  }

 private:
  /// Nothing is outstanding: another round, a change of mind, or the end.
  void next_step() {
    if (rounds_ == 0) {
      if (choose(2) == 0) {
        finished_ = true;
        return finish();
      }
      close();
      return done();
    }
    if (choose(30) == 0) {
      reset();
      return after(kRetryAfter);
    }
    for (unsigned i = 0; i < pipelined_ && rounds_ > 0; ++i, --rounds_) send_round();
    if (choose(20) == 0) {
      finished_ = true;  // half-closed with an echo on its way: all of it must still arrive
      finish();
    }
  }

  void send_round() {
    std::vector<std::byte> message(1 + choose(kMessageMax), kFill);
    for (std::byte& byte : message) byte = static_cast<std::byte>(choose(256));
    // Short reads can begin anywhere, so that no piece may look like poison: its letters are left
    // out.
    for (std::byte& byte : message) {
      if (byte == std::byte{'P'}) byte = kFill;
    }
    expected_.insert(expected_.end(), message.begin(), message.end());
    send(message);
  }

  std::uint16_t port_;
  unsigned rounds_ = 0;
  unsigned pipelined_ = 1;
  std::vector<std::byte> expected_;  ///< all that this connection has sent
  std::size_t checked_ = 0;          ///< how much of it has come back
  bool finished_ = false;
};

/// Its payload makes its Connection fault, which ends this connection and no other.
class Poison final : public tina::sim::Peer {
 public:
  explicit Poison(std::uint16_t port) : port_(port) {}

  void on_start() override { after(milliseconds(choose(400))); }
  void on_timer() override { connect(port_); }
  void on_connected() override {
    expect_end();
    send(kPoison);
  }
  void on_bytes(std::span<const std::byte> bytes) override {
    // A short read may hand over a part of the word, which is echoed like any other: once more.
    returned_ += bytes.size();
    if (returned_ != kPoison.size()) return;
    returned_ = 0;
    send(kPoison);
  }
  void on_closed(tina::sim::Closed how) override {
    if (how == tina::sim::Closed::kRefused) return after(kRetryAfter);
    if (!fault_injected()) return fail("its connection ended without a crash");
    done();
  }

 private:
  static constexpr std::string_view kPoison = "POISON";
  std::uint16_t port_;
  std::size_t returned_ = 0;
};

/// Comes from the address that makes the Listener itself fault: it must be restarted and bind
/// again.
class PoisonousVisitor final : public tina::sim::Peer {
 public:
  explicit PoisonousVisitor(std::uint16_t port) : port_(port) {}

  void on_start() override { after(milliseconds(50)); }
  void on_timer() override { connect(port_, kPoisonAddress); }
  void on_connected() override { expect_end(); }
  void on_closed(tina::sim::Closed how) override {
    if (how == tina::sim::Closed::kRefused) return after(kRetryAfter);
    done();
  }

 private:
  std::uint16_t port_;
};

}  // namespace
}  // namespace echo

void tina_simulated_peers(tina::sim::Peers& peers) {
  const std::uint16_t port = peers.config<echo::Config>().port;
  for (unsigned i = 0; i < echo::kClients; ++i) peers.add<echo::Client>(port);
  for (unsigned i = 0; i < echo::kPoisonous; ++i) peers.add<echo::Poison>(port);
  peers.add<echo::PoisonousVisitor>(port);
}
