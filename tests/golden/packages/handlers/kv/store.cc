// SPDX-License-Identifier: Apache-2.0
#include "kv/store.h"

namespace kv {

Store::InitResult Store::on_init(StoreInit&& init, Context&) {
  audit = init.audit;
  return ok();
}

Store::Effect Store::on_put(const Put& put, Context& context) {
  const audit::Noted noted{.entry = {.key = put.key, .level = put.level, .at = context.now()}};
  if (audit && context.send(*audit, noted) != tina::SendResult::kQueued) return crash("not noted");
  return receive();
}

}  // namespace kv
