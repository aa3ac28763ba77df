// SPDX-License-Identifier: Apache-2.0
// Handlers of scattered.tina's Reader. What they saw is left in `ends`, for the test to read.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "scattered.tina.h"

namespace scattered {

/// One completion: how it ended, and the sizes of its parts.
struct End {
  std::string what;
  std::int64_t value = 0;
  std::vector<std::uint32_t> parts;
  friend bool operator==(const End&, const End&) = default;
};
inline std::vector<End> ends;
inline std::string text;  ///< of all parts of the last one
inline bool copies;       ///< what is read next goes into the list, and is written from there

struct Reader : ReaderBase {
  InitResult on_init(ReaderInit&&, Context&) { return ok(); }

  Then<Stay<Machine>, Working, Resting, Leaving> on_order(in<Machine>, const Order& order,
                                                          Context& ctx) {
    copies = order.act == Act::COPY;
    if (order.act <= Act::ONE && !ctx.book.idle(fs::read)) return stay();
    switch (order.act) {
      case Act::OPEN:
        if (!ctx.book.idle(fs::all)) return stay();
        return to<Working>(io(book.open(fs::Path("book"), fs::Open::kRead)));
      case Act::READ:
      case Act::COPY:
        return to<Working>(io(book.read_scattered(order.offset, order.most)));
      case Act::ONE:
        return to<Working>(io(book.read(order.offset, order.most)));
      case Act::CLOSE:
        return to<Leaving>(io(book.close()));
      case Act::REST:
        return to<Resting>();
      default:
        return crash("told to crash");
    }
  }

  Then<Stay<Working>> on_book_opened(in<Working>, const fs::file::Opened&, Context&) {
    return stay();
  }
  Then<Stay<Working>> on_book_read(in<Working>, fs::file::Read&& end, Context&) {
    ends.push_back({"one", end.error, {end.data.size()}});
    return stay();
  }
  Then<Stay<Working>> on_book_read_scattered(in<Working>, fs::file::ReadScattered&& end,
                                             Context& ctx) {
    heard(end);
    if (!end.ok() || !copies || !ctx.book.idle(fs::write)) return stay();
    for (tina::Buffer& part : end) {
      if (ctx.book.add(std::move(part)) == tina::AddResult::kFull) return crash("full");
    }
    return stay(io(book.write_gathered(0)));
  }
  Then<Stay<Working>> on_book_written(in<Working>, const fs::file::Written& end, Context&) {
    ends.push_back({"written", end.error, {end.size}});
    return stay();
  }

 private:
  static void heard(const fs::file::ReadScattered& end) {
    End one{end.ok()         ? "read"
            : end.error == 0 ? "end"
                             : "error",
            end.ok() ? end.size : end.error,
            {}};
    text.clear();
    for (const tina::Buffer& part : end) {
      one.parts.push_back(part.size());
      text += part.text();
    }
    ends.push_back(std::move(one));
  }
};

}  // namespace scattered
