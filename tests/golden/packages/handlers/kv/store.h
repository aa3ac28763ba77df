// SPDX-License-Identifier: Apache-2.0
// Handlers of Store.
#pragma once

#include "kv/store.tina.h"

namespace kv {

struct Store : StoreBase {
  tina::Option<tina::Ref<audit::Store>> audit;

  InitResult on_init(StoreInit&&, Context&);
  Effect on_put(const Put&, Context&);
};

}  // namespace kv
