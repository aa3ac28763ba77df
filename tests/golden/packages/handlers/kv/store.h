// SPDX-License-Identifier: Apache-2.0
// Handlers of Store.
#pragma once

#include "kv/store.tina.h"

namespace kv {

struct Store : StoreBase {
  tina::Option<tina::Ref<audit::Store>> audit;
  tina::Token<Log::Get> waiting;
  tina::Subscriber<Log> hearer;
  words::Key last;

  InitResult on_init(StoreInit&&, Context&);
  Effect on_put(const Put&, Context&);
  Effect on_log_get(const Log::Get&, tina::Token<Log::Get>&&, Context&);
  Effect on_log_forget(const Log::Forget&, Context&);
  Effect on_audit_log_get_reply(const tina::Reply<audit::Log::Get>&, Context&);
  Effect on_audit_log_get_failed(const tina::Failed<audit::Log::Get>&, Context&);
};

}  // namespace kv
