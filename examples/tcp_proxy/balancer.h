// SPDX-License-Identifier: Apache-2.0
// Chooses an upstream for each client. Invariant: `clients` of an upstream are the relays that are
// watched and were sent there, so the counts close however a relay ends. A balancer that has
// crashed begins anew: every upstream is up, and has nobody. Shard's thread.
#pragma once

#include <array>

#include "tina/inline_map.h"
#include "upstream_list.h"

namespace tcp_proxy {

struct Balancer : BalancerBase {
  InitResult on_init(BalancerInit&&, Context&);
  Answer<Balance::Pick> on_balance_pick(const Balance::Pick&, Context&);
  Effect on_balance_failed(const Balance::Failed&, Context&);
  Effect on_balance_reached(const Balance::Reached&, Context&);
  Effect on_balance_probing(const Balance::Probing&, Context&);
  Effect on_sys_down(const sys::Down&, Context&);
  Effect on_sys_shutdown(const sys::Shutdown&, Context&);

  struct Upstream {
    bool up = true;
    std::uint32_t clients = 0;  ///< now
    std::uint64_t chosen = 0;
    std::uint64_t failed = 0;
  };

  UpstreamList list;
  bool least = false;
  std::uint32_t last = 0;  ///< the one that was chosen last
  std::array<Upstream, UPSTREAMS_MAX> upstreams{};
  tina::InlineMap<tina::Handle, std::uint8_t, RELAYS> of_relay;  ///< each one's upstream

 private:
  /// In place of an upstream's index.
  static constexpr std::uint8_t kNowhere = 0xff;

  bool known(std::uint32_t index) const { return index < list.count; }
  bool choose(std::uint32_t tried, std::uint32_t& chosen) const;
  void leave(std::uint8_t& place);
  void watch(std::uint32_t index, tina::Duration delay, Context& ctx);
};

}  // namespace tcp_proxy
