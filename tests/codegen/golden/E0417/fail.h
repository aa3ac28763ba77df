#pragma once

#include <algorithm>

#include "spec.tina.h"

namespace p {

struct Reader : ReaderBase {
  InitResult on_init(ReaderInit&&, Context&) { return ok(); }
  Effect on_page(const Page& page, Context& ctx) {
    auto words = ctx.scratch().take<std::uint32_t>(16);
    std::ranges::fill(words, page.number);
    return receive();
  }
};

}  // namespace p
