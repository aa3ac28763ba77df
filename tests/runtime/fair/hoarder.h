// SPDX-License-Identifier: Apache-2.0
// Handlers of fair.tina's Hoarder.
#pragma once

#include "counts.h"

namespace fair {

struct Hoarder : HoarderBase {
  std::uint64_t next = 0;

  InitResult on_init(HoarderInit&&, Context&) { return ok(); }
  Then<Stay<Open>> on_item(in<Open>, const Item& item, Context&) {
    ++(item.number == next++ ? counts.in_order : counts.out_of_order);
    return stay();
  }
};

}  // namespace fair
