// SPDX-License-Identifier: Apache-2.0
#include "shared/audit/store.h"

namespace shared::audit {

Store::InitResult Store::on_init(StoreInit&&, Context&) { return ok(); }

Store::Effect Store::on_noted(const Noted&, Context&) { return crash("to be written"); }

}  // namespace shared::audit
