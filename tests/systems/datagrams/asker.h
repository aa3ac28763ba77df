// SPDX-License-Identifier: Apache-2.0
// Asks until it has all of its answers. An answer that comes twice, or late, is known by its
// number.
#pragma once

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "datagrams.tina.h"

namespace datagrams {

/// Answers that were wrong, or not asked for, and those that came again.
inline std::uint64_t wrong = 0;
inline std::uint64_t again = 0;

struct Asker : AskerBase {
  using Socket = net::udp_socket;
  using Question = std::array<std::uint32_t, 3>;

  InitResult on_init(AskerInit&& init, Context&) {
    where = net::Address::loopback(init.number % 2 == 0 ? init.port : init.desk);
    rounds = init.rounds;
    number = init.number;
    return ok();
  }
  Entry<Opening> on_enter(in<Opening>, Context& ctx) {
    if (!ctx.line.idle(net::all)) return start();  // the one that was given up is not over
    return start(line.connect(where));
  }
  Then<Asking, Waiting> on_line_connected(in<Opening>, const Socket::Connected& end, Context&) {
    if (!end.ok()) return to<Waiting>();
    return to<Asking>();
  }
  Entry<Asking> on_enter(in<Asking>, Context& ctx) {
    question = {number, round, round * 2654435761u};
    if (!ctx.line.idle(net::write)) return start();
    if (!ctx.line.idle(net::read)) return start(line.send(bytes()));
    return start(line.send(bytes()), line.receive());
  }
  Then<Stay<Asking>, Closing> on_line_sent(in<Asking>, const Socket::Sent& end, Context&) {
    if (!end.ok()) return to<Closing>();
    return stay();
  }
  Then<Stay<Asking>, Asking, Closing> on_line_received_from(in<Asking>, Socket::ReceivedFrom&& got,
                                                            Context&) {
    if (!got.ok()) return to<Closing>();
    const std::span<const std::byte> answer = got.data.bytes();
    Question asked{};
    if (answer.size() == sizeof asked) std::memcpy(asked.data(), answer.data(), sizeof asked);
    const bool mine = asked[0] == number && asked[1] <= round;
    if (!mine || asked[2] != asked[1] * 2654435761u || got.from != where) ++wrong;
    if (asked[1] != round) {
      ++again;
      return stay(io(line.receive()));
    }
    if (++round >= rounds) return to<Closing>();
    return to<Asking>();
  }
  Entry<Closing> on_enter(in<Closing>, Context&) { return start(line.close()); }
  Then<Waiting, Gone> on_line_closed(in<Closing>, const Socket::Closed&, Context&) {
    if (round >= rounds) return to<Gone>();
    return to<Waiting>();
  }

  net::Address where;
  std::uint32_t rounds = 0;
  std::uint32_t round = 0;
  std::uint32_t number = 0;
  Question question{};

 private:
  std::span<const std::byte> bytes() const { return std::as_bytes(std::span(question)); }
};

}  // namespace datagrams
