// SPDX-License-Identifier: Apache-2.0
// Handlers of courier.tina's Clerk: one parcel, and it ends.
#pragma once

#include "courier.tina.h"

namespace courier {

struct Clerk : ClerkBase {
  InitResult on_init(ClerkInit&& init, Context& ctx) {
    Parcel parcel{.from = init.parcel_of, .data = std::move(init.data)};
    if (ctx.send(parcel.from, std::move(parcel)) != tina::SendResult::kQueued) {
      ctx.log(tina::Level::kDebug, "parcel_refused");  // what is left in it goes back
    }
    return done();
  }
};

}  // namespace courier
