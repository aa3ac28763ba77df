// SPDX-License-Identifier: Apache-2.0
// The outside world of filter.tina: somebody who types, and reads what comes out, not always at
// once.
#include "filter.tina.h"
#include "tina/sim.h"
#include "typist.h"

namespace filter {
namespace {

constexpr unsigned kRounds = 200;

class Typist final : public tina::sim::Peer {
 public:
  void on_start() override { after(std::chrono::milliseconds(1)); }
  void on_timer() override {
    std::string text;
    for (std::uint64_t size = choose(6000); size > 0; --size) {
      text += static_cast<char>(choose(40) == 0 ? '\n' : 'a' + static_cast<char>(choose(26)));
    }
    typed += text;
    feed(text);
    hold_output(left_ > 1 && choose(3) == 0);
    if (--left_ > 0) return after(std::chrono::microseconds(choose(20'000)));
    end_input();
    all_typed = true;
  }
  void on_output(std::span<const std::byte> bytes) override {
    seen.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    verified(bytes.size());
  }

 private:
  unsigned left_ = kRounds;
};

}  // namespace
}  // namespace filter

void tina_simulated_peers(tina::sim::Peers& peers) {
  filter::typed.clear();
  filter::seen.clear();
  filter::all_typed = false;
  peers.add<filter::Typist>();
}
