// SPDX-License-Identifier: Apache-2.0
#include "store.h"

namespace packages {

Store::InitResult Store::on_init(StoreInit&&, Context&) { return ok(); }

Store::Then<Store::Stay<Store::Machine>> Store::on_put(in<Machine>, const Put& put, Context&) {
  last = put.mark;
  return stay();
}

Store::Then<Store::Stay<Store::Machine>> Store::on_kv_log_forget(in<Machine>,
                                                                 const kv::Log::Forget&, Context&) {
  last = {};
  return stay();
}

Store::Answer<kv::Log::Get, Store::Stay<Store::Open>, Store::Closed> Store::on_kv_log_get(
    in<Open>, const kv::Log::Get& get, Context&) {
  if (get.level == words::Level::Alarm)
    return to<Closed>(reply(kv::Log::Get::Result{.mark = last}));
  return stay(reply(kv::Log::Get::Result{.value = last.count, .mark = last}));
}

}  // namespace packages
