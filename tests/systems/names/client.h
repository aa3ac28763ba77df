// SPDX-License-Identifier: Apache-2.0
// One client: what it asks, and how the answer is written. The line that comes and the line that is
// sent lie in the state, one after the other.
#pragma once

#include <cstdio>
#include <cstring>
#include <span>
#include <string_view>

#include "names.tina.h"

namespace names {

struct Client : ClientBase {
  using Stream = net::tcp_stream;
  using Names = net::resolver;

  InitResult on_init(ClientInit&&, Context&) { return ok(io(peer.receive())); }
  Then<Reading, Asking, Hasty, Gone> on_peer_received(in<Reading>, Stream::Received&& received,
                                                      Context&) {
    if (!received.ok()) return to<Gone>();
    const std::span<const std::byte> bytes = received.data.bytes();
    if (bytes.size() > sizeof text - size) return to<Gone>();
    add({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    std::string_view asked(text, size);
    const std::size_t end = asked.find('\n');
    if (end == std::string_view::npos) return to<Reading>(io(peer.receive()));
    if (asked.substr(end + 1).starts_with('X')) return crash("told to");
    asked = asked.substr(0, end);
    const bool hasty = asked.starts_with('?');
    if (hasty) asked.remove_prefix(1);
    const auto ask = names.resolve(asked, 80);
    if (hasty) return to<Hasty>(io(ask, peer.receive()));
    return to<Asking>(io(ask, peer.receive()));
  }
  Then<Gone> on_peer_received(in<Asking>, Stream::Received&& received, Context&) {
    return ended(received);
  }
  Then<Gone> on_peer_received(in<Hasty>, Stream::Received&& received, Context&) {
    return ended(received);
  }
  Then<Answering> on_names_resolved(in<Asking>, const Names::Resolved& resolved, Context&) {
    return to<Answering>(io(peer.send(line_of(resolved))));
  }
  Then<Answering> on_names_resolved(in<Hasty>, const Names::Resolved& resolved, Context&) {
    return to<Answering>(io(peer.send(line_of(resolved))));
  }
  Entry<Late> on_enter(in<Late>, Context&) {
    size = 0;
    add("late\n");
    return start(peer.send(line()));
  }
  Then<Reading, Gone> on_peer_sent(in<Late>, const Stream::Sent& sent, Context&) {
    return next(sent);
  }
  Then<Reading, Gone> on_peer_sent(in<Answering>, const Stream::Sent& sent, Context&) {
    return next(sent);
  }

  std::uint32_t size = 0;
  char text[640];

 private:
  static Then<Gone> ended(const Stream::Received& received) {
    if (received.ok() && received.data.bytes().front() == std::byte{'X'}) return crash("told to");
    return to<Gone>();
  }
  Then<Reading, Gone> next(const Stream::Sent& sent) {
    size = 0;
    if (!sent.ok()) return to<Gone>();
    return to<Reading>();
  }
  std::span<const std::byte> line() const { return std::as_bytes(std::span(text, size)); }
  void add(std::string_view part) {
    std::memcpy(text + size, part.data(), part.size());
    size += static_cast<std::uint32_t>(part.size());
  }
  std::span<const std::byte> line_of(const Names::Resolved& resolved) {
    size = 0;
    if (!resolved.ok()) {
      size = static_cast<std::uint32_t>(std::snprintf(
          text, sizeof text, "error %u %d\n", static_cast<unsigned>(resolved.why), resolved.error));
      return line();
    }
    add("ok");
    for (const net::address& found : resolved.addresses()) {
      add(" ");
      add(net::AddressText(found).view());
    }
    add("\n");
    return line();
  }
};

}  // namespace names
