// SPDX-License-Identifier: Apache-2.0
#include "front.h"

namespace packages {

Front::InitResult Front::on_init(FrontInit&&, Context& context) {
  const auto spawned = context.spawn(kv::StoreInit{.kept = 3});
  if (!spawned.ok()) return crash("no store");
  kept = spawned.ref;
  return ok();
}

Front::Effect Front::on_words_changed(const tina::Fired&, Context& context) {
  const tina::ProtocolRef<kv::Log> any = kept;
  const kv::Log::Forget forget{.key = words::Key("old")};
  if (context.send(any, forget) != tina::SendResult::kQueued) return crash("not forgotten");
  const words::Key key("key");
  return call(log.get(kept, key, words::Level::Info), log.get(any, key, words::Level::Alarm));
}

Front::Effect Front::on_kv_log_changed(const kv::Log::Changed&, Context&) { return receive(); }

Front::Effect Front::on_kv_log_get_reply(const tina::Reply<kv::Log::Get>& reply, Context& context) {
  const auto spawned = context.spawn(StoreInit{});
  if (!spawned.ok()) return receive();
  Put put{.note = reply.result.mark.note, .mark = reply.result.mark};
  put.from = context.self();
  if (context.send(spawned.ref, put) != tina::SendResult::kQueued) return crash("not put");
  return receive();
}

Front::Effect Front::on_kv_log_get_failed(const tina::Failed<kv::Log::Get>&, Context&) {
  return receive();
}

}  // namespace packages
