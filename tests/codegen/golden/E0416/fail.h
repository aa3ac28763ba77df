#pragma once

#include <utility>

#include "spec.tina.h"

namespace p {

struct Reader : ReaderBase {
  InitResult on_init(ReaderInit&&, Context&) { return ok(); }
  Effect on_page(Page&& page, Context& ctx) {
    auto block = ctx.blob<64>();
    if (block && page.data) block.bytes()[0] = page.data.bytes()[0];
    return receive();
  }
};

}  // namespace p
