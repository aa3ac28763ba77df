// SPDX-License-Identifier: Apache-2.0
// Handlers of streams.tina's User. What they saw is left in `ends`, for the test to read.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "streams.tina.h"

namespace streams {

inline std::vector<std::pair<std::string, std::int32_t>> ends;
inline bool pass_on = false;

struct User : UserBase {
  char greeting[8] = "hello";

  InitResult on_init(UserInit&&, Context&) { return ok(); }
  Effect on_order(const Order& order, Context&) {
    pass_on = order.act == Act::PASS;
    switch (order.act) {
      case Act::READ:
      case Act::PASS:
        return io(source.receive());
      case Act::WRITE:
        return io(sink.write(std::as_bytes(std::span(greeting, 5))));
      case Act::WAIT:
        return io(told.wait());
      case Act::CRASH:
        break;
    }
    return crash("told to crash");
  }
  Effect on_source_received(os::input::Received&& end, Context&) {
    ends.emplace_back("received",
                      end.ok() ? static_cast<std::int32_t>(end.data.size()) : -end.error);
    if (pass_on && end.ok()) return io(sink.write(std::move(end.data)));
    return receive();
  }
  Effect on_sink_written(const os::output::Written& end, Context&) {
    ends.emplace_back("written", end.ok() ? static_cast<std::int32_t>(end.size) : -end.error);
    return receive();
  }
  Effect on_told_signalled(const os::signals::Signalled& end, Context&) {
    ends.emplace_back("signalled", end.ok() ? static_cast<std::int32_t>(end.which) : -end.error);
    return receive();
  }
};

}  // namespace streams
