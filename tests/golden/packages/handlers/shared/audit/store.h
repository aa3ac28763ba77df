// SPDX-License-Identifier: Apache-2.0
// Handlers of Store.
#pragma once

#include "shared/audit/log.tina.h"

namespace shared::audit {

struct Store : StoreBase {
  InitResult on_init(StoreInit&&, Context&);
  Effect on_noted(const Noted&, Context&);
  Answer<Log::Get> on_log_get(const Log::Get&, Context&);
};

}  // namespace shared::audit
