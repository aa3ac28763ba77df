// SPDX-License-Identifier: Apache-2.0
// The outside world of the pages: visitors that fetch the sample several times on one connection,
// some of them slowly, and know each of its bytes. Some leave in the middle.
#include <string>
#include <string_view>

#include "pages.tina.h"
#include "sample.h"
#include "tina/sim.h"

namespace pages {
namespace {

using std::chrono::milliseconds;

constexpr unsigned kVisitors = 12;
constexpr unsigned kFetches = 3;
constexpr std::string_view kRequest = "GET /sample HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view kEnd = "\r\n\r\n";

class Guest final : public tina::sim::Peer {
 public:
  explicit Guest(const Config& config) : port_(config.port), size_(config.sample) {}

  void on_start() override { connect(port_); }
  void on_connected() override {
    expect_end();  // a disk that fails cuts a page off
    ask();
  }
  void on_bytes(std::span<const std::byte> bytes) override {
    for (const std::byte byte : bytes) {
      if (!left_early_) take(byte);
    }
    verified(bytes.size());
    if (number() % 4 == 0 && choose(8) == 0) {  // reads nothing for a while
      hold(true);
      held_ = true;
      after(milliseconds(5));
    }
  }
  void on_timer() override {
    if (held_) {
      held_ = false;
      hold(false);
    } else {
      connect(port_);
    }
  }
  void on_closed(tina::sim::Closed) override {
    if (fetched_ >= kFetches) return;
    held_ = false;
    after(milliseconds(20));
  }

 private:
  void ask() {
    head_.clear();
    place_ = left_ = 0;
    left_early_ = false;
    leaves_ = number() % 4 == 1 && choose(3) == 0;
    send(kRequest);
  }
  void take(std::byte byte) {
    if (leaves_ && place_ > size_ / 2) {
      left_early_ = true;
      reset();
      held_ = false;
      return after(milliseconds(20));
    }
    if (!head_.ends_with(kEnd)) {
      head_ += static_cast<char>(byte);
      if (head_.ends_with(kEnd)) begin();
    } else if (left_ == 0 || byte != sample_byte(place_++)) {
      fail("a byte that is not the page's");
    } else if (--left_ == 0) {
      finish_page();
    }
  }
  void begin() {
    if (head_.starts_with("HTTP/1.1 404")) return ask();  // not printed yet, or no disk
    const std::size_t at = head_.find("Content-Length: ");
    if (!head_.starts_with("HTTP/1.1 200") || at == std::string::npos) return fail(head_);
    left_ = std::stoull(head_.substr(at + 16));
    if (left_ == 0) ask();
  }
  void finish_page() {
    // Of one that was still being printed, a beginning.
    if (++fetched_ < kFetches) return ask();
    close();
    done();
  }

  std::uint16_t port_;
  std::uint64_t size_;
  std::string head_;
  std::uint64_t place_ = 0;
  std::uint64_t left_ = 0;
  unsigned fetched_ = 0;
  bool held_ = false;
  bool leaves_ = false;
  bool left_early_ = false;
};

}  // namespace
}  // namespace pages

void tina_simulated_peers(tina::sim::Peers& peers) {
  pages::whole = pages::cut_off = 0;
  const auto& config = peers.config<pages::Config>();
  for (unsigned i = 0; i < pages::kVisitors; ++i) peers.add<pages::Guest>(config);
}
