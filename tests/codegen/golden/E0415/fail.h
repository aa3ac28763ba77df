#pragma once

#include <utility>

#include "spec.tina.h"

namespace p {

struct Reader : ReaderBase {
  InitResult on_init(ReaderInit&&, Context&) { return ok(); }
  Effect on_page(Page&& page, Context& ctx) {
    if (ctx.send(ctx.self(), page) != tina::SendResult::kQueued) {
      ctx.log(tina::Level::kWarning, "refused");
    }
    return receive();
  }
};

}  // namespace p
