// SPDX-License-Identifier: Apache-2.0
// What follows from a handler: the generated contract hands the effect to one of the `Settle…`
// values where the handler has left it. The type of what a handler returns says what its effect
// cannot do, and there is no code for that; what is left stands once for each handler, so it is
// small. Invariant: nothing of an effect has started before its handler has returned. Runs on the
// shard's thread.
#pragma once

#include "tina/effect.h"
#include "tina/start_call.h"

namespace tina::internal {

/// Carries out an effect: starts operations, leaves and enters states, ends the isolate. Returns
/// true if the `on_enter` of the slot's (new) state must run now. `started`: the effect is
/// on_init's.
bool apply_effect(ShardCore& core, TypeBlock& type, std::uint32_t slot, const EffectHead& head,
                  const StartList& starts, bool started) noexcept;
/// The same in a machine whose states nest: leaves the states up to the innermost one around both
/// the active leaf and the target, and goes on to the target's leaf. Returns the outermost state
/// entered whose `on_enter` must run now; kNoState: none.
std::uint8_t apply_nested(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                          const EffectHead& head, const StartList& starts, bool started) noexcept;
/// Carries out what `on_enter` of `state` returned. Returns the next state further in whose
/// `on_enter` must run now; kNoState: none. A final leaf ends the isolate.
std::uint8_t apply_entry(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                         const EffectHead& head, const StartList& starts,
                         std::uint8_t state) noexcept;

/// Calls the hook. Apart, so that the hot loop holds a comparison and no more.
[[gnu::cold, gnu::noinline]] inline void call_hook(ShardCore& core) {
  core.hook(core, core.hook_data);
}

/// User code runs next, which `core.running` describes.
inline void begin_user(ShardCore& core) {
  set_phase(core, Phase::kHandler);
  if (core.hook != nullptr) [[unlikely]]
    call_hook(core);
}

/// A contract whose machine has composite states.
template <class C>
concept Nests = requires { C::kNests; };

/// A contract with a state that has an `on_enter`.
template <class C>
concept Enters = requires(ShardCore& core) { C::enter(core, 0, 0, nullptr); };

/// Carries out what `on_enter` of `state` has returned; `state` is the next one to enter then.
template <class C>
struct SettleEntry {
  ShardCore& core;
  TypeBlock& type;
  std::uint32_t slot;
  std::uint8_t& state;

  template <class Given>
  [[gnu::always_inline]] void operator()(const Given& effect) const {
    set_phase(core, Phase::kRuntime);
    const auto& record = effect.record();
    if constexpr (Nests<C>) {
      state = apply_entry(core, type, slot, record.head, record.starts(), state);
    } else {
      apply_effect(core, type, slot, record.head, record.starts(), false);
      state = kNoState;
    }
  }
};

/// Carries out an effect and `on_enter` of the states that it leads to, from the outside in.
template <class C>
inline void apply_and_enter(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                            const EffectHead& head, const StartList& starts, bool started) {
  std::uint8_t state = kNoState;
  if constexpr (Nests<C>) {
    state = apply_nested(core, type, slot, head, starts, started);
  } else if (apply_effect(core, type, slot, head, starts, started)) {
    state = type.meta[slot].state;
  }
  if constexpr (Enters<C>) {
    while (state != kNoState) {
      core.running.set({slot, state, C::kType, Event::kEnter});
      begin_user(core);
      C::enter(core, slot, state, SettleEntry<C>{core, type, slot, state});
    }
  }
}

/// How an effect is handed on: one that may start a call or two is copied, so that where it only
/// does that it needs no memory.
template <class C>
using GivenEffect =
    std::conditional_t<(C::base::Shape::kCalls > 0 &&
                        C::base::Shape::kOps + C::base::Shape::kCalls <= kPlacesCopiedWhole),
                       typename C::Effect, const typename C::Effect&>;

/// Whether the start of a call is inline in each handler that may start one where it stays: not if
/// there are many, for it is some 600 bytes.
template <class C>
inline constexpr bool kCallsInPlace = requires { requires C::kCallers <= 3; };

/// Carries out an effect that only starts calls.
template <class C>
[[gnu::always_inline]] inline void settle_calls(ShardCore& core, TypeBlock& type,
                                                std::uint32_t slot,
                                                const typename C::Effect& effect) {
  // The first one apart, for a loop would keep all of them in memory.
  bool room = start_call(core, type, slot, effect.call.place[0]);
  for (unsigned i = 1; room && i < C::base::Shape::kCalls && i < effect.head.calls(); ++i) {
    room = start_call(core, type, slot, effect.call.place[i]);
  }
}

/// Carries out an effect of any kind.
template <class C>
[[gnu::noinline]] void settle_all(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                  GivenEffect<C> effect) {
  if constexpr (C::base::Shape::kCalls > 0 && !kCallsInPlace<C>) {
    if (effect.head.only_calls()) [[likely]]
      return settle_calls<C>(core, type, slot, effect);
  }
  apply_and_enter<C>(core, type, slot, effect.head, effect.starts(), false);
}

/// Carries out an effect that starts nothing.
template <class C>
[[gnu::noinline]] void settle_head(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                   EffectHead head) {
  apply_and_enter<C>(core, type, slot, head, StartList{}, false);
}

/// The bits of `listed` that are the ends of what an effect starts: operations and calls. None: an
/// effect that leads where these are listed starts nothing.
template <class C>
constexpr std::uint64_t started_in(std::uint64_t listed) {
  if constexpr (requires { C::kStarted; }) return listed & C::kStarted;
  return 0;
}
/// The same of calls only.
template <class C>
constexpr std::uint64_t called_in(std::uint64_t listed) {
  if constexpr (requires { C::kCalled; }) return listed & C::kCalled;
  return 0;
}

/// Carries out what a handler of `C` has returned. Inline where most handlers end: nothing to do,
/// or calls to start.
template <class C>
struct Settle {
  ShardCore& core;
  TypeBlock& type;
  std::uint32_t slot;

  template <class Given>
  [[gnu::always_inline]] void operator()(const Given& effect) const {
    set_phase(core, Phase::kRuntime);
    using Leads = typename Given::Leads;
    const typename C::Effect& record = effect.record();
    if (Leads::kStays && record.head.quiet()) [[likely]]
      return;
    if constexpr (called_in<C>(Leads::kListedStaying) != 0 && kCallsInPlace<C>) {
      if (record.head.only_calls()) [[likely]]
        return settle_calls<C>(core, type, slot, record);
    }
    if constexpr (started_in<C>(Leads::kListed) == 0) {
      settle_head<C>(core, type, slot, record.head);
    } else {
      settle_all<C>(core, type, slot, record);
    }
  }
  /// What a clause without a handler says.
  [[gnu::always_inline]] void operator()(const EffectHead& head) const {
    set_phase(core, Phase::kRuntime);
    if (!head.quiet()) settle_head<C>(core, type, slot, head);
  }
};

/// The same for what `on_init` has returned.
template <class C>
struct SettleInit {
  ShardCore& core;
  TypeBlock& type;
  std::uint32_t slot;

  template <class Given>
  [[gnu::always_inline]] void operator()(const Given& effect) const {
    set_phase(core, Phase::kRuntime);
    const typename C::Effect& record = effect.record();
    apply_and_enter<C>(core, type, slot, record.head, record.starts(), true);
  }
};

}  // namespace tina::internal
