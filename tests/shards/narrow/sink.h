// SPDX-License-Identifier: Apache-2.0
// Handlers of narrow.tina's Sink.
#pragma once

#include "narrow.tina.h"

namespace narrow {

struct Sink : SinkBase {
  std::uint32_t marks = 0;
  std::uint32_t failed = 0;

  InitResult on_init(SinkInit&&, Context&) { return ok(); }
  Effect on_mark(const Mark&, Context&) {
    ++marks;
    return call(count.add(1));
  }
  Effect on_count_add_reply(const tina::Reply<Count::Add>&, Context&) { return receive(); }
  Effect on_count_add_failed(const tina::Failed<Count::Add>&, Context&) {
    ++failed;
    return receive();
  }
};

}  // namespace narrow
