#pragma once

#include <utility>

#include "spec.tina.h"

namespace p {

struct Relay : RelayBase {
  InitResult on_init(RelayInit&&, Context&) { return ok(); }
  Effect on_listed_received(net::tcp_stream::Received&& got, Context& ctx) {
    if (ctx.listed.add(std::move(got.data)) == tina::AddResult::kFull) return crash("full");
    return io(listed.send_gathered());
  }
  Effect on_listed_sent(const net::tcp_stream::Sent&, Context&) { return receive(); }
  Effect on_bare_sent(const net::tcp_stream::Sent&, Context&) { return receive(); }
};

}  // namespace p
