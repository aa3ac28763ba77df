// SPDX-License-Identifier: Apache-2.0
// Sends back what it receives, in the buffer that it came in. What did not fit is not sent back.
#pragma once

#include <cstring>
#include <utility>

#include "datagrams.tina.h"

namespace datagrams {

struct Answerer : AnswererBase {
  using Socket = net::udp_socket;

  InitResult on_init(AnswererInit&&, Context&) { return ok(io(door.receive())); }

  Effect on_door_received_from(Socket::ReceivedFrom&& asked, Context&) {
    if (!asked.ok()) return io(door.receive());
    if (asked.cut_off) {
      std::memcpy(cut.data(), "cut off", cut.size());
      return io(door.send_to(asked.from, std::as_bytes(std::span(cut))));
    }
    if (!asked.data) return io(door.send_to(asked.from, std::span<const std::byte>(nothing())));
    return io(door.send_to(asked.from, std::move(asked.data)));
  }
  Effect on_door_sent_to(const Socket::SentTo&, Context&) { return io(door.receive()); }

  std::array<char, 7> cut{};

 private:
  /// No bytes, of its own state.
  std::span<const std::byte> nothing() const { return std::as_bytes(std::span(cut)).first(0); }
};

}  // namespace datagrams
