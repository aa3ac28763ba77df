// SPDX-License-Identifier: Apache-2.0
// One caller: what is received goes back in the buffer that it came in.
#pragma once

#include <utility>

#include "neighbours.tina.h"

namespace neighbours {

struct Echo : EchoBase {
  using Stream = net::unix_stream;

  InitResult on_init(EchoInit&&, Context&) { return ok(); }
  Entry<Hearing> on_enter(in<Hearing>, Context&) { return start(line.receive()); }
  Then<Saying, Ending, Gone> on_line_received(in<Hearing>, Stream::Received&& heard, Context&) {
    if (heard.ok()) return to<Saying>(io(line.send(std::move(heard.data))));
    if (heard.status == net::Status::kEnd) return to<Ending>(io(line.finish()));
    return to<Gone>();
  }
  Then<Hearing, Gone> on_line_sent(in<Saying>, const Stream::Sent& sent, Context&) {
    if (!sent.ok()) return to<Gone>();
    return to<Hearing>();
  }
};

}  // namespace neighbours
