// SPDX-License-Identifier: Apache-2.0
// The outside world of postbox.tina: somebody who writes letters, as several programs that come and
// go, and reads the answers; at first all the time, then no longer.
#include <algorithm>
#include <string_view>

#include "correspondent.h"
#include "postman.h"
#include "tina/sim.h"

namespace postbox {
namespace {

class Correspondent final : public tina::sim::Peer {
 public:
  explicit Correspondent(const Config& config) : config_(config) {}

  void on_start() override {
    read_pipe(config_.answers);
    write_text();
    again();
  }
  void on_timer() override {
    if (left_ > 0) {
      write_letter();
    } else if (patience_ > 0) {
      --patience_;
      all_came_out = heard == written.size() && !changed;
      if (all_came_out) patience_ = 0;
    } else if (rounds_ > 0) {
      --rounds_;
      leave_pipe(config_.answers);
      write_pipe(config_.letters, "nobody need hear this");
      if (choose(2) == 0) read_pipe(config_.answers);
    } else {
      end_pipe(config_.letters);
      return;
    }
    again();
  }
  void on_pipe(const fs::Path& path, std::span<const std::byte> bytes) override {
    if (path != config_.answers) fail("out of another pipe");
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (patience_ > 0) {
      changed |=
          !std::string_view(written).substr(std::min(heard, written.size())).starts_with(text);
      heard += text.size();
    }
    verified(bytes.size());
  }

 private:
  void write_letter() {
    if (!write_pipe(config_.letters, text_)) return;
    written += text_;
    if (--left_ == 0 || choose(4) == 0) end_pipe(config_.letters);
    write_text();
  }
  void write_text() {
    text_.clear();
    for (std::uint64_t size = 1 + choose(6000); size > 0; --size) {
      text_ += static_cast<char>(choose(40) == 0 ? '\n' : 'a' + static_cast<char>(choose(26)));
    }
  }
  void again() { after(std::chrono::microseconds(1 + choose(20'000))); }

  Config config_;
  std::string text_;
  unsigned left_ = 200;
  unsigned patience_ = 100;
  unsigned rounds_ = 100;
};

}  // namespace
}  // namespace postbox

void tina_simulated_peers(tina::sim::Peers& peers) {
  postbox::written.clear();
  postbox::heard = 0;
  postbox::changed = false;
  postbox::all_came_out = false;
  postbox::undelivered = 0;
  peers.add<postbox::Correspondent>(peers.config<postbox::Config>());
}
