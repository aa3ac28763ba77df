#pragma once

#include <algorithm>
#include <array>

#include "spec.tina.h"

namespace p {

struct Reader : ReaderBase {
  InitResult on_init(ReaderInit&&, Context&) { return ok(); }
  Effect on_page(const Page& page, Context&) {
    std::array<std::uint32_t, 16> words;
    std::ranges::fill(words, page.number);
    return receive();
  }
};

}  // namespace p
