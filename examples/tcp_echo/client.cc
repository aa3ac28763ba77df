// SPDX-License-Identifier: Apache-2.0
// Handlers of client.tina's Client.
#include "client.h"

#include <algorithm>
#include <span>

namespace echo_client {

Client::InitResult Client::on_init(ClientInit&& init, Context&) {
  address = init.to;
  number = init.number;
  rounds_wanted = init.rounds;
  next_payload();
  return ok();
}

Client::Entry<Client::Connecting> Client::on_enter(in<Connecting>, Context&) {
  return start(server.connect(address));
}

Client::Then<Client::Sending, Client::Waiting> Client::on_server_connected(
    in<Connecting>, const Stream::Connected& connected, Context&) {
  if (!connected.ok()) {
    ++report.failures;
    return to<Waiting>();
  }
  ++report.connects;
  return to<Sending>();
}

Client::Then<Client::Waiting> Client::on_after(in<Connecting>, Context&) {
  ++report.failures;
  return to<Waiting>();
}

/// A new connection has nothing of the old one: the payload begins anew.
Client::Entry<Client::Sending> Client::on_enter(in<Sending>, Context&) {
  heard = 0;
  return start(server.send(std::span<const std::byte>(payload)));
}

Client::Then<Client::Hearing, Client::Closing> Client::on_server_sent(in<Sending>,
                                                                      const Stream::Sent& sent,
                                                                      Context&) {
  if (!sent.ok()) return to<Closing>();
  return to<Hearing>();
}

Client::Then<Client::Closing> Client::on_after(in<Sending>, Context&) { return to<Closing>(); }

Client::Entry<Client::Hearing> Client::on_enter(in<Hearing>, Context&) {
  return start(server.receive());
}

Client::Then<Client::Hearing, Client::Sending, Client::Closing, Client::Gone>
Client::on_server_received(in<Hearing>, Stream::Received&& received, Context& ctx) {
  if (!received.ok()) return to<Closing>();
  const auto bytes = received.data.bytes();
  const auto due = std::span<const std::byte>(payload).subspan(heard);
  if (bytes.size() > due.size() || !std::ranges::equal(bytes, due.first(bytes.size()))) {
    return crash("a byte came back changed");
  }
  heard += static_cast<std::uint32_t>(bytes.size());
  report.bytes += bytes.size();
  if (heard < payload.size()) return to<Hearing>();
  in_a_row = 0;
  if (++report.rounds == rounds_wanted) {
    say_report(ctx);
    return to<Gone>();
  }
  next_payload();
  return to<Sending>();
}

Client::Then<Client::Closing> Client::on_after(in<Hearing>, Context&) { return to<Closing>(); }

Client::Entry<Client::Closing> Client::on_enter(in<Closing>, Context&) {
  ++report.breaks;
  return start(server.close());
}

Client::Entry<Client::Waiting> Client::on_enter(in<Waiting>, Context& ctx) {
  ++in_a_row;
  ctx.again.arm(pause());
  return start();
}

Client::Then<Client::Gone> Client::on_sys_shutdown(in<Machine>, const sys::Shutdown&,
                                                   Context& ctx) {
  say_report(ctx);
  return to<Gone>();
}

tina::Duration Client::pause() const {
  constexpr std::uint32_t kDoubledMost = 8;
  const std::chrono::milliseconds base{10 << std::min(in_a_row - 1, kDoubledMost)};
  const std::uint32_t spread = (number * 2654435761U + in_a_row * 40503U) >> 16 & 0xff;
  return base + base * spread / 512;
}

void Client::next_payload() {
  std::uint32_t value = number * 2654435761U + static_cast<std::uint32_t>(report.rounds);
  for (std::byte& byte : payload) {
    value = value * 1664525U + 1013904223U;
    // No capital letters: the server has a bug that a word made of them brings out.
    byte = static_cast<std::byte>(0x80 | value >> 24);
  }
}

void Client::say_report(Context& ctx) const {
  // There is a place for the report of each client.
  static_cast<void>(ctx.send(ctx.child<Root::tally>(), report));
}

}  // namespace echo_client
