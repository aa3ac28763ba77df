// SPDX-License-Identifier: Apache-2.0
// The outside world: callers who say more at once than a buffer holds, and must hear it again in
// order, whatever was read ahead.
#include <algorithm>
#include <vector>

#include "eager.tina.h"
#include "eager_properties.h"
#include "tina/sim.h"

namespace eager {
namespace {

using tina::sim::Closed;

class Caller final : public tina::sim::Peer {
 public:
  explicit Caller(std::uint16_t port) : port_(port) {}

  void on_start() override { on_timer(); }
  void on_timer() override {
    if (connected_) return say();
    connect(port_);
  }
  void on_connected() override {
    connected_ = true;
    heard_ = said_ = 0;
    text_.resize(1 + choose(12'000));
    for (std::byte& one : text_) one = static_cast<std::byte>(choose(256));
    say();
  }
  void on_bytes(std::span<const std::byte> bytes) override {
    const bool right =
        heard_ + bytes.size() <= said_ &&
        std::equal(bytes.begin(), bytes.end(), text_.begin() + static_cast<std::ptrdiff_t>(heard_));
    if (!right) return fail("bytes that it has not said there");
    heard_ += bytes.size();
    verified(bytes.size());
  }
  void on_closed(Closed) override {
    connected_ = false;
    content += heard_ == text_.size();
    if (++calls_ == kCalls) return done();
    after(std::chrono::milliseconds(1 + choose(100)));
  }

 private:
  static constexpr unsigned kCalls = 6;

  /// A part of it, at times all that is left, and the end behind the last one.
  void say() {
    const std::size_t left = text_.size() - said_;
    const std::size_t size = choose(3) == 0 ? left : 1 + choose(left);
    send(std::span(text_).subspan(said_, size));
    said_ += size;
    if (said_ < text_.size()) return after(std::chrono::microseconds(1 + choose(5'000)));
    expect_end();
    finish();
  }

  std::uint16_t port_;
  bool connected_ = false;
  std::vector<std::byte> text_;
  std::size_t said_ = 0, heard_ = 0;
  unsigned calls_ = 0;
};

}  // namespace
}  // namespace eager

void tina_simulated_peers(tina::sim::Peers& peers) {
  eager::content = 0;
  for (int i = 0; i < 6; ++i) peers.add<eager::Caller>(peers.config<eager::Config>().port);
}
