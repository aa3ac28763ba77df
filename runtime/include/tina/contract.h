// SPDX-License-Identifier: Apache-2.0
// What the generated contract (`*.tina.cc`) builds on: the checks of user structs and the small
// pieces that dispatch puts together. Not for handlers. Runs on the shard's thread.
#pragma once

#include <new>
#include <type_traits>
#include <utility>

#include "tina/context.h"
#include "tina/contract_file.h"
#include "tina/contract_net.h"
#include "tina/contract_os.h"
#include "tina/contract_resolve.h"
#include "tina/dispatch.h"
#include "tina/layout.h"
#include "tina/net.h"

namespace tina::internal {

/// A user's isolate stands on its generated base, publicly and once.
template <class Isolate, class Base>
concept DerivedState = requires { sizeof(Isolate); } && std::is_base_of_v<Base, Isolate> &&
                       std::is_convertible_v<Isolate*, Base*>;

/// A user's isolate is plain data, so that a crash needs no clean-up.
template <class Isolate>
concept PlainState = std::is_trivially_destructible_v<Isolate> &&
                     std::is_default_constructible_v<Isolate> && !std::is_polymorphic_v<Isolate>;

/// The type of a handler of `Isolate` with the signature of `Asked`, a pointer to member.
template <class Isolate, class Asked>
struct HandlerType;
template <class Isolate, class Result, class Signatures, class... Parameters>
struct HandlerType<Isolate, Result (Signatures::*)(Parameters...)> {
  using Type = Result (Isolate::*)(Parameters...);
};

/// Accepts exactly the overload of a handler that has the signature of `asked`. Never called: a
/// concept asks whether the call would compile.
template <class Isolate, class Asked>
void handler(Asked asked, typename HandlerType<Isolate, Asked>::Type given);

/// The state of one slot.
template <class Isolate>
Isolate& state_of(ShardCore& core, unsigned type, std::uint32_t slot) {
  constexpr std::size_t kStride = state_stride(sizeof(Isolate));
  return *std::launder(reinterpret_cast<Isolate*>(core.types[type].states + slot * kStride));
}

/// Begins a new incarnation's state in its slot: zeroes and default member initialisers.
template <class Isolate>
Isolate& begin_state(ShardCore& core, unsigned type, std::uint32_t slot) {
  std::byte* memory = core.types[type].state(slot);
  __builtin_memset(memory, 0, sizeof(Isolate));
  if constexpr (std::is_default_constructible_v<Isolate>) return *::new (memory) Isolate();
  __builtin_unreachable();  // refused by PlainState
}

/// The init arguments that were left in the slot.
template <class Init>
Init& init_of(ShardCore& core, unsigned type, std::uint32_t slot) {
  return *std::launder(reinterpret_cast<Init*>(core.types[type].init(slot)));
}

/// The message in a queue entry.
template <class Message>
const Message& message_in(const std::byte* payload) {
  return *std::launder(reinterpret_cast<const Message*>(payload));
}

/// The same of one that holds blocks: what is left in it is reclaimed.
template <class Message>
Message& owned_in(std::byte* payload) {
  return *std::launder(reinterpret_cast<Message*>(payload));
}

/// `io peer = conn;`: the I/O object with index `io` takes over the descriptor in `stream`.
struct Adopt {
  unsigned io;
  net::Stream* stream;
};

/// Ends the running isolate, `stale_stream`, unless the connection is its own, or none.
inline void check_stream(ShardCore& core, const net::Stream& stream) noexcept {
  if (stream.descriptor() >= 0 && stream.descriptor() != core.transit_descriptor) [[unlikely]]
    stale_stream(core);
}

/// Spawns an isolate of `type` into the dynamic group at `place`, moving its arguments into its
/// slot.
template <class Isolate, class Init, class... Adopts>
SpawnResult<Isolate> spawn(ShardCore& core, TypeId type, std::uint16_t place, Init&& init,
                           Adopts... adopts) noexcept {
  (check_stream(core, *adopts.stream), ...);
  set_phase(core, Phase::kRuntime);
  const Reserved reserved = reserve_slot(core, type, place);
  if (reserved.status == SpawnStatus::kSpawned) {
    (adopt_descriptor(core, type, reserved.slot, adopts.io, adopts.stream->release()), ...);
    ::new (core.types[index(type)].init(reserved.slot)) std::remove_cvref_t<Init>(std::move(init));
    enqueue_init(core, type, reserved.slot);
  }
  set_phase(core, Phase::kHandler);
  return {reserved.status, Ref<Isolate>{reserved.handle}};
}

/// The same for arguments that hold blocks.
template <class Isolate, class Init, class... Adopts>
SpawnResult<Isolate> spawn_owning(ShardCore& core, TypeId type, std::uint16_t place, Init&& init,
                                  Adopts... adopts) noexcept {
  check_init_blocks(core, type, &init);
  const auto spawned = spawn<Isolate>(core, type, place, std::move(init), adopts...);
  if (spawned.ok()) adopt_init_blocks(core, type, spawned.ref.handle.slot());
  return spawned;
}

/// A transition that the spec makes without a handler (`=> A`).
constexpr EffectHead transition_to(std::uint8_t target) {
  return EffectHead(Next::kTransition, target, 0);
}

/// Stay and do nothing: an ignored message.
constexpr EffectHead ignored() { return {}; }

/// The arguments of the request in a queue entry.
template <class Call>
const Call& request_in(const std::byte* payload) {
  static_assert(offsetof(Request<Call>, call) == sizeof(CallHeader));
  return *reinterpret_cast<const Call*>(payload + sizeof(CallHeader));
}

/// Carries the answer that a handler has returned to the caller; the rest of its effect goes on. A
/// crash leaves the call to the end of the isolate.
template <class AnswerType>
void answer(ShardCore& core, const AnswerType& effect) {
  if (effect.record().head.next() != Next::kCrash) answer_serving(core, effect.result());
}

/// The call is rejected; the state goes on as it is.
inline EffectHead rejected(ShardCore& core, unsigned type) {
  reject_serving(core, core.types[type]);
  return {};
}

/// The token for the call that is being handled; empty if there is no place for it.
template <class Call>
tina::Token<Call> take_token(ShardCore& core, unsigned type, std::uint32_t slot) {
  const OpenPlace open = take_open(core, core.types[type], slot);
  return tina::Token<Call>(open.serial, open.place);
}

/// What a result record says of a call's end.
template <class Call>
Reply<Call> take_reply(ShardCore&, const ResultRecord& record) {
  const CallRecord& call = TypeBlock::call_of(record);
  return {*reinterpret_cast<const typename Call::Result*>(&call + 1), call.tag};
}
template <class Call>
Timeout<Call> take_timeout(ShardCore&, const ResultRecord& record) {
  return {TypeBlock::call_of(record).tag};
}
template <class Call>
Rejected<Call> take_rejected(ShardCore&, const ResultRecord& record) {
  const CallRecord& call = TypeBlock::call_of(record);
  return {static_cast<Failure>(call.failure), call.tag};
}
template <class Call>
Failed<Call> take_failed(ShardCore&, const ResultRecord& record) {
  const CallRecord& call = TypeBlock::call_of(record);
  return {static_cast<Failure>(call.failure), call.tag};
}

/// `yield()` has come round.
inline sys::Yielded take_yielded(ShardCore&, ResultRecord&) { return {}; }

/// The firing of a named timer.
inline Fired take_fired(ShardCore&, ResultRecord& record) {
  const Fired fired{record.done};
  record.done = 0;
  return fired;
}

}  // namespace tina::internal
