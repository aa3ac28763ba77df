// SPDX-License-Identifier: Apache-2.0
// The outside world: other programs that call at the same door.
#include <cstring>
#include <vector>

#include "caller.h"
#include "tina/sim.h"

namespace neighbours {
namespace {

using tina::sim::Closed;

/// Says a few things, and must hear them again.
class Stranger final : public tina::sim::Peer {
 public:
  explicit Stranger(const net::UnixAddress& at) : at_(at) {}

  void on_start() override { on_timer(); }
  void on_timer() override { connect(at_); }
  void on_connected() override {
    expect_end();
    heard_ = 0;
    said_.resize(1 + choose(4000));
    for (std::size_t i = 0; i < said_.size(); ++i) said_[i] = static_cast<std::byte>(choose(256));
    send(said_);
    finish();
  }
  void on_bytes(std::span<const std::byte> bytes) override {
    for (const std::byte one : bytes) {
      if (heard_ >= said_.size() || said_[heard_] != one)
        return fail("a byte that it has not said");
      ++heard_;
    }
    verified(bytes.size());
  }
  void on_closed(Closed) override {
    if (heard_ == said_.size() && ++calls_ == kCalls) return done();
    after(std::chrono::milliseconds(1 + choose(100)));
  }

 private:
  static constexpr unsigned kCalls = 5;

  net::UnixAddress at_;
  std::vector<std::byte> said_;
  std::size_t heard_ = 0;
  unsigned calls_ = 0;
};

/// Leaves notes at the board, and hears each of them once, in order.
class Correspondent final : public tina::sim::Peer {
 public:
  explicit Correspondent(const net::UnixAddress& board) : board_(board) {}

  void on_start() override {
    take_datagrams("outside");
    on_timer();
  }
  void on_timer() override {
    if (written_ == kNotes) return done();
    const std::uint32_t next = written_ + 1;
    written_ += send_datagram(board_, std::as_bytes(std::span(&next, 1)));
    after(std::chrono::milliseconds(1 + choose(30)));
  }
  void on_unix_datagram(const net::UnixAddress& from, std::span<const std::byte> bytes) override {
    std::uint32_t said = 0;
    if (bytes.size() == sizeof said) std::memcpy(&said, bytes.data(), sizeof said);
    if (from != board_ || said <= heard_ || said > written_) fail("not what was written");
    heard_ = said;
    verified(bytes.size());
  }

 private:
  static constexpr std::uint32_t kNotes = 50;

  net::UnixAddress board_;
  std::uint32_t written_ = 0, heard_ = 0;
};

}  // namespace
}  // namespace neighbours

void tina_simulated_peers(tina::sim::Peers& peers) {
  neighbours::wrong = neighbours::failed = 0;
  for (int i = 0; i < 4; ++i) {
    peers.add<neighbours::Stranger>(peers.config<neighbours::Config>().at);
  }
  peers.add<neighbours::Correspondent>(peers.config<neighbours::Config>().leave_at);
}
