// SPDX-License-Identifier: Apache-2.0
// Handlers of proxy.tina's Relay.
#include "relay.h"

#include <cerrno>
#include <utility>

namespace tcp_proxy {
namespace {

/// How often a client waits for an upstream to come up, 100 ms each time.
constexpr std::uint32_t kWaitsMax = 30;
/// In a drain, how long a connection may be quiet.
constexpr std::chrono::seconds kQuietMax{1};

/// An error of this process, and not of the upstream.
bool is_own(std::int32_t error) { return error == EMFILE || error == ENFILE; }

}  // namespace

Relay::InitResult Relay::on_init(RelayInit&& init, Context&) {
  idle_limit = init.idle_limit;
  return ok();
}

Relay::Entry<Relay::Picking> Relay::on_enter(in<Picking>, Context& ctx) {
  return start(call(balance.pick(ctx.self(), tried)));
}

Relay::Then<Relay::Connecting, Relay::Waiting> Relay::on_balance_pick_reply(
    in<Picking>, const tina::Reply<Balance::Pick>& reply, Context&) {
  if (!reply.result.found) return to<Waiting>();
  index = reply.result.index;
  address = reply.result.to;
  return to<Connecting>();
}

Relay::Entry<Relay::Connecting> Relay::on_enter(in<Connecting>, Context&) {
  return start(upstream.connect(address));
}

Relay::Then<Relay::Relaying, Relay::Picking, Relay::Waiting> Relay::on_upstream_connected(
    in<Connecting>, const Stream::Connected& connected, Context& ctx) {
  if (!connected.ok()) {
    if (is_own(connected.error)) return to<Waiting>();
    tell_failure(connected.error, false, ctx);
    return to<Picking>();
  }
  ctx.idle.arm(idle_limit);
  return to<Relaying>(io(client.receive(), upstream.receive()));
}

Relay::Then<Relay::Picking> Relay::on_after(in<Connecting>, Context& ctx) {
  tell_failure(ETIMEDOUT, false, ctx);
  return to<Picking>();
}

Relay::Then<Relay::Picking, Relay::Gone> Relay::on_after(in<Waiting>, Context&) {
  if (++waited == kWaitsMax) return to<Gone>();
  tried = 0;
  return to<Picking>();
}

Relay::Then<Relay::Stay<Relay::Relaying>> Relay::on_sys_shutdown(in<Relaying>, const sys::Shutdown&,
                                                                 Context& ctx) {
  idle_limit = kQuietMax;
  ctx.idle.arm(idle_limit);
  return stay();
}

Relay::Passed Relay::on_client_received(in<Relaying>, Stream::Received&& received, Context& ctx) {
  asked = asked || received.ok();
  return pass_on(std::move(received), upstream, client_ended, ctx);
}

Relay::Passed Relay::on_upstream_received(in<Relaying>, Stream::Received&& received, Context& ctx) {
  heard = heard || received.status != net::Status::kError;
  return pass_on(std::move(received), client, upstream_ended, ctx);
}

Relay::Passed Relay::on_upstream_sent(in<Relaying>, const Stream::Sent& sent, Context&) {
  if (!sent.ok()) return to<Gone>();
  return stay(io(client.receive()));
}

Relay::Passed Relay::on_client_sent(in<Relaying>, const Stream::Sent& sent, Context&) {
  if (!sent.ok()) return to<Gone>();
  return stay(io(upstream.receive()));
}

Relay::Then<Relay::Gone> Relay::on_idle(in<Relaying>, const tina::Fired&, Context& ctx) {
  if (asked && !heard) tell_failure(ETIMEDOUT, true, ctx);
  return to<Gone>();
}

void Relay::tell_failure(std::int32_t error, bool silent, Context& ctx) {
  tried |= std::uint32_t{1} << index;
  const Balance::Failed failed{.index = index, .error = error, .silent = silent};
  // If the balancer does not hear it, the next one who tries will tell it.
  static_cast<void>(ctx.send(ctx.child<Root::balancer>(), failed));
}

/// Bytes are sent on, an end ends the same direction on the other side, an error ends all.
template <class Other>
Relay::Passed Relay::pass_on(Stream::Received&& received, const Other& other, bool& ended,
                             Context& ctx) {
  ctx.idle.arm(idle_limit);
  switch (received.status) {
    case net::Status::kOk:
      return stay(io(other.send(std::move(received.data))));
    case net::Status::kEnd:
      ended = true;
      return stay(io(other.finish()));
    case net::Status::kError:
      break;
  }
  return to<Gone>();
}

}  // namespace tcp_proxy
