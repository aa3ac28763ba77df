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

Store::Effect Store::on_log_get(const Log::Get& get, tina::Token<Log::Get>&& token, Context&) {
  waiting = std::move(token);
  return call(log.get(get.level));
}

Store::Effect Store::on_log_forget(const Log::Forget& forget, Context& context) {
  if (!(last == forget.key)) return receive();
  Log::Changed changed{.by = context.self()};
  changed.mark.note.key = forget.key;
  if (context.send(hearer, changed) != tina::SendResult::kQueued) return crash("unheard");
  return receive();
}

Store::Effect Store::on_audit_log_get_reply(const tina::Reply<audit::Log::Get>& reply,
                                            Context& context) {
  const audit::Mark mark = reply.result.last ? *reply.result.last : audit::Mark{};
  const Log::Get::Result result{.value = mark.count, .mark = mark};
  if (context.answer(std::move(waiting), result) == tina::AnswerResult::kAnswered) return receive();
  last = words::Key();
  return receive();
}

Store::Effect Store::on_audit_log_get_failed(const tina::Failed<audit::Log::Get>&, Context&) {
  return crash("the audit is gone");
}

}  // namespace kv
