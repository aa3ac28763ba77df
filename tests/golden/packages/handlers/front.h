// SPDX-License-Identifier: Apache-2.0
// Handlers of Front.
#pragma once

#include "packages.tina.h"

namespace packages {

struct Front : FrontBase {
  tina::Ref<kv::Store> kept;

  InitResult on_init(FrontInit&&, Context&);
  Effect on_words_changed(const tina::Fired&, Context&);
  Effect on_kv_log_changed(const kv::Log::Changed&, Context&);
  Effect on_kv_log_get_reply(const tina::Reply<kv::Log::Get>&, Context&);
  Effect on_kv_log_get_failed(const tina::Failed<kv::Log::Get>&, Context&);
};

}  // namespace packages
