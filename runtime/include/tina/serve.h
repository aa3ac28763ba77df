// SPDX-License-Identifier: Apache-2.0
// The server's side of calls as the generated contract and the contexts use it: what happens to a
// request around its handler. Invariant: `core.serving` names the call that is being handled until
// it is answered, rejected or taken; an isolate that ends before that has it answered by the
// runtime. Runs on the shard's thread.
#pragma once

#include "tina/call.h"
#include "tina/shard_core.h"

namespace tina::internal {

/// A request is about to be handled. False: its limit has passed, and it is not.
[[nodiscard]] bool serve(ShardCore& core, TypeBlock& type, const EntryHeader* entry) noexcept;
/// The isolate that a request was for has ended.
void reject_dead(ShardCore& core, const EntryHeader* entry) noexcept;
/// Answers the call being handled.
void answer_serving(ShardCore& core, const void* results, std::uint32_t size) noexcept;
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
