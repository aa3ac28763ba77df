// SPDX-License-Identifier: Apache-2.0
// Another store behind the protocol of the first.
#pragma once

#include "packages.tina.h"

namespace packages {

struct Store : StoreBase {
  audit::Mark last;

  InitResult on_init(StoreInit&&, Context&);
  Then<Stay<Machine>> on_put(in<Machine>, const Put&, Context&);
  Then<Stay<Machine>> on_kv_log_forget(in<Machine>, const kv::Log::Forget&, Context&);
  Answer<kv::Log::Get, Stay<Open>, Closed> on_kv_log_get(in<Open>, const kv::Log::Get&, Context&);
};

}  // namespace packages
