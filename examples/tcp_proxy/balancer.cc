// SPDX-License-Identifier: Apache-2.0
// Handlers of proxy.tina's Balancer.
#include "balancer.h"

namespace tcp_proxy {
namespace {

using std::chrono::milliseconds;

/// When an upstream that has failed is tried again; the pauses after that are the probe's.
constexpr milliseconds kFirstTry{100};
/// One that takes connections and says nothing would look well to a probe at once.
constexpr milliseconds kAfterSilence{5000};

}  // namespace

Balancer::InitResult Balancer::on_init(BalancerInit&& init, Context&) {
  if (!read_upstreams(init.list.view(), list)) {
    return crash("--upstreams is not of the form 10.0.0.1:8000,[::1]:8000");
  }
  least = init.least;
  last = list.count - 1;
  return ok();
}

Balancer::Answer<Balance::Pick> Balancer::on_balance_pick(const Balance::Pick& pick, Context& ctx) {
  const tina::Handle relay = pick.who.handle;
  std::uint8_t* place = of_relay.find(relay);
  if (place == nullptr && ctx.monitor(pick.who) == tina::MonitorResult::kWatching) {
    place = of_relay.find_or_insert(relay);
    if (place != nullptr) *place = kNowhere;
  }
  if (place == nullptr) return reply(Balance::Pick::Result{});  // there are as many as relays
  leave(*place);
  std::uint32_t index = 0;
  if (!choose(pick.tried, index)) return reply(Balance::Pick::Result{});
  last = index;
  *place = static_cast<std::uint8_t>(index);
  ++upstreams[index].clients;
  ++upstreams[index].chosen;
  return reply(Balance::Pick::Result{.found = true, .index = index, .to = list.at[index]});
}

Balancer::Effect Balancer::on_balance_failed(const Balance::Failed& failed, Context& ctx) {
  if (!known(failed.index)) return receive();
  Upstream& upstream = upstreams[failed.index];
  ++upstream.failed;
  if (!upstream.up) return receive();
  upstream.up = false;
  ctx.log(tina::Level::kWarning, "upstream_down", tina::Field{"index", failed.index},
          tina::Field{"errno", failed.error}, tina::Field{"silent", failed.silent});
  watch(failed.index, failed.silent ? kAfterSilence : kFirstTry, ctx);
  return receive();
}

Balancer::Effect Balancer::on_balance_reached(const Balance::Reached& reached, Context& ctx) {
  if (!known(reached.index) || upstreams[reached.index].up) return receive();
  upstreams[reached.index].up = true;
  ctx.log(tina::Level::kInfo, "upstream_up", tina::Field{"index", reached.index});
  return receive();
}

Balancer::Effect Balancer::on_balance_probing(const Balance::Probing& probing, Context& ctx) {
  if (known(probing.index) && !upstreams[probing.index].up) watch(probing.index, kFirstTry, ctx);
  return receive();
}

Balancer::Effect Balancer::on_sys_down(const sys::Down& down, Context&) {
  std::uint8_t* const place = of_relay.find(down.who);
  if (place != nullptr) leave(*place);
  of_relay.erase(down.who);
  return receive();
}

Balancer::Effect Balancer::on_sys_shutdown(const sys::Shutdown&, Context& ctx) {
  for (std::uint32_t index = 0; index < list.count; ++index) {
    const Upstream& upstream = upstreams[index];
    ctx.log(tina::Level::kInfo, "upstream_served", tina::Field{"index", index},
            tina::Field{"chosen", static_cast<std::int64_t>(upstream.chosen)},
            tina::Field{"failed", static_cast<std::int64_t>(upstream.failed)},
            tina::Field{"clients", upstream.clients});
  }
  return done();
}

/// One that is up and has not been tried: the next one behind the last, or the one with the fewest
/// clients and among these the next.
bool Balancer::choose(std::uint32_t tried, std::uint32_t& chosen) const {
  bool found = false;
  for (std::uint32_t step = 1; step <= list.count; ++step) {
    const std::uint32_t index = (last + step) % list.count;
    if (!upstreams[index].up || (tried >> index & 1) != 0) continue;
    if (found && upstreams[index].clients >= upstreams[chosen].clients) continue;
    found = true;
    chosen = index;
    if (!least) break;
  }
  return found;
}

/// A relay has no upstream any more.
void Balancer::leave(std::uint8_t& place) {
  if (place != kNowhere) --upstreams[place].clients;
  place = kNowhere;
}

void Balancer::watch(std::uint32_t index, tina::Duration delay, Context& ctx) {
  const Watch request{.to = list.at[index], .delay = delay};
  if (ctx.send(ctx.child<Root::probe>(index), request) != tina::SendResult::kQueued) {
    upstreams[index].up = true;  // its probe begins anew: the next client will try it
  }
}

}  // namespace tcp_proxy
