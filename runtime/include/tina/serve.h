// SPDX-License-Identifier: Apache-2.0
// The server's side of calls as the generated contract and the contexts use it: what happens to a
// request around its handler. Invariant: `core.serving` names the call that is being handled until
// it is answered, rejected or taken; an isolate that ends before that has it answered by the
// runtime. Runs on the shard's thread.
#pragma once

#include "tina/call.h"
#include "tina/ready.h"

namespace tina::internal {

/// The limit of a request has passed before it was handled.
void expire_call(ShardCore& core, TypeBlock& type, const CallHeader& call) noexcept;
/// A request is about to be handled. False: its limit has passed, and it is not.
[[nodiscard]] inline bool serve(ShardCore& core, TypeBlock& type, const EntryHeader* entry) {
  const auto* const call = reinterpret_cast<const CallHeader*>(entry + 1);
  if (call->deadline_ns < core.now.ns) [[unlikely]] {
    expire_call(core, type, *call);
    return false;
  }
  core.serving = call;
  return true;
}
/// Starts calls that an effect lists. False: its isolate had no record for one, and has crashed.
bool start_calls(ShardCore& core, TypeBlock& type, std::uint32_t slot, const StartList& starts,
                 unsigned count) noexcept;
/// The isolate that a request was for has ended.
void reject_dead(ShardCore& core, const EntryHeader* entry) noexcept;
/// Answers the call being handled, whose caller is on another shard or has gone on.
void answer_elsewhere(ShardCore& core, const CallHeader& call, const void* results,
                      std::uint32_t size) noexcept;
/// Ends the call in a caller's record, `result`, by the results that stand there. Apart, because it
/// is the same for all calls.
void end_replied(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record,
                 ResultRecord& result) noexcept;

/// Answers the call being handled. Cost on one shard: a copy of the results into the caller's
/// record, which stands in the ready ring then.
template <class Results>
[[gnu::always_inline]] inline void answer_serving(ShardCore& core, const Results& results) {
  set_phase(core, Phase::kRuntime);
  const CallHeader& call = *core.serving;
  core.serving = nullptr;
  const std::uint64_t local = call.caller.bits ^ core.home;
  if (local >> (32 + Handle::kSlotBits) == 0) [[likely]] {
    TypeBlock& type = core.types[call.caller_type];
    const auto slot = static_cast<std::uint32_t>(local >> 32);
    TINA_DCHECK(call.caller_type < core.type_count && slot < type.slots);
    ResultRecord& result = type.result(slot, call.record);
    CallRecord& record = type.call_of(result);
    // A correlation is used once in the life of its record: nobody else can wait under it.
    if (record.correlation == call.correlation) [[likely]] {
      ::new (&record + 1) Results(results);
      end_replied(core, type, slot, call.record, result);
      return;
    }
  }
  answer_elsewhere(core, call, &results, sizeof results);
}
/// Rejects it, because the state says so.
void reject_serving(ShardCore& core, TypeBlock& type) noexcept;

/// A token as the runtime knows it; serial 0: none.
struct OpenPlace {
  std::uint32_t serial;
  std::uint8_t place;
};
/// Takes the call being handled to be answered later. Without a free place it is rejected.
OpenPlace take_open(ShardCore& core, TypeBlock& type, std::uint32_t slot) noexcept;
/// Answers a call that the running isolate has taken.
AnswerResult answer_open(ShardCore& core, OpenPlace token, const void* results,
                         std::uint32_t size) noexcept;

}  // namespace tina::internal
