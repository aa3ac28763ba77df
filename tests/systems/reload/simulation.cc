// SPDX-License-Identifier: Apache-2.0
// The outside world of reload.tina: somebody who sends signals, now and then several at once.
#include "reload.tina.h"
#include "signaller.h"
#include "tina/sim.h"

namespace reload {
namespace {

constexpr unsigned kRounds = 200;

class Signaller final : public tina::sim::Peer {
 public:
  void on_start() override { next(); }
  void on_timer() override {
    for (std::uint64_t at_once = 1 + choose(3); at_once > 0; --at_once) {
      const auto which = static_cast<std::size_t>(choose(4));
      ++sent[which];
      signal(static_cast<os::Signal>(which));
    }
    if (--left_ > 0) return next();
    all_sent = true;
  }

 private:
  // The first isolate hears from its first wait on, which is long over by then.
  void next() { after(std::chrono::microseconds(20'000 + choose(100'000))); }

  unsigned left_ = kRounds;
};

}  // namespace
}  // namespace reload

void tina_simulated_peers(tina::sim::Peers& peers) {
  reload::sent = {};
  reload::all_sent = false;
  peers.add<reload::Signaller>();
}
