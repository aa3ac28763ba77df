// SPDX-License-Identifier: Apache-2.0
// Handlers of Front.
#pragma once

#include "packages.tina.h"

namespace packages {

struct Front : FrontBase {
  InitResult on_init(FrontInit&&, Context&);
  Effect on_words_changed(const tina::Fired&, Context&);
};

}  // namespace packages
