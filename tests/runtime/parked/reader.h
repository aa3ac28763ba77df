// SPDX-License-Identifier: Apache-2.0
// Handlers of parked.tina. Who has read is left in `ends`, for the test to look at.
#pragma once

#include <utility>
#include <vector>

#include "parked.tina.h"

namespace parked {

inline std::vector<std::uint32_t> ends;

struct Reader : ReaderBase {
  std::uint32_t number = 0;

  InitResult on_init(ReaderInit&& given, Context&) {
    number = given.number;
    return ok();
  }
  Effect on_order(const Order& order, Context&) { return io(book.read(order.offset)); }
  Effect on_book_opened(const fs::file::Opened&, Context&) { return receive(); }
  Effect on_book_read(fs::file::Read&&, Context&) {
    ends.push_back(number);
    return receive();
  }
};

}  // namespace parked
