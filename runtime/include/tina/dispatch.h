// SPDX-License-Identifier: Apache-2.0
// The hot loop: one instantiation per isolate type, so the user's handlers inline into it and one
// indirect call serves a whole batch. The generated contract `C` supplies the switches over state
// and message; this file owns the order: control, then results, then the mailbox. Invariant: the
// queue's head has moved before a handler runs, so a fault loses exactly one message. Runs on the
// shard's thread, below the trap point.
#pragma once

#include "tina/effect.h"
#include "tina/owned.h"
#include "tina/ready.h"
#include "tina/serve.h"
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
/// What a ready slot has to run next.
struct ReadyWork {
  enum class Kind : std::uint8_t {
    kNothing,
    kInit,
    kShutdown,
    kNews,
    kResult,
    kDown,
    kDeferred,
    kMailbox
  } kind;
  std::uint8_t record;    ///< of a result; the kind of news
  EntryHeader* deferred;  ///< a deferred message, readable until the next one is deferred
};
/// What a slot of the ready ring has to run first: control before results, results in order of
/// completion as far as the state lists them.
ReadyWork next_work(ShardCore& core, TypeBlock& type, std::uint32_t slot) noexcept;
/// The turn of the queue's first message, or of what waits for its isolate.
ReadyWork mailbox_turn(ShardCore& core, TypeBlock& type, std::uint32_t& slot) noexcept;
/// Keeps a message that the slot's state defers, in its place in the order. O(size).
void defer_message(TypeBlock& type, std::uint32_t slot, const EntryHeader* entry) noexcept;
/// Puts the slot back if it has more to run, and reclaims what the handler left in its message.
void finish_ready(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                  std::uint32_t generation) noexcept;
/// Ends the isolate whose handler let an exception escape.
void uncaught_exception(ShardCore& core) noexcept;

/// Calls the hook. Apart, so that the hot loop holds a comparison and no more.
[[gnu::cold, gnu::noinline]] inline void call_hook(ShardCore& core) {
  core.hook(core, core.hook_data);
}

/// Runs user code, which `core.running` describes. `call(then)` hands the effect to `then` where
/// the handler has left it, so that nothing is copied.
template <class Call, class Then>
[[gnu::always_inline]] inline void run_user(ShardCore& core, Call call, Then then) {
  set_phase(core, Phase::kHandler);
  if (core.hook != nullptr) [[unlikely]]
    call_hook(core);
  call([&](const auto& effect) __attribute__((always_inline)) {
    set_phase(core, Phase::kRuntime);
    then(effect);
  });
}

/// A contract whose machine has composite states.
template <class C>
concept Nests = requires { C::kNests; };

/// Runs `on_enter` of `state`; `then` is given its effect.
template <class C, class Then>
inline void enter_state(ShardCore& core, std::uint32_t slot, std::uint8_t state, Then then) {
  core.running.set({slot, state, C::kType, Event::kEnter});
  run_user(core, [&](auto given) { C::enter(core, slot, state, given); }, then);
}

/// A contract whose isolate has state timeouts or timers of its own, which handlers arm and cancel.
template <class C>
concept Timed = requires { C::kTimed; };

/// How an effect is handed on: one that may start a call or two is copied, so that where it only
/// does that it needs no memory.
template <class C>
using GivenEffect =
    std::conditional_t<(C::base::Shape::kCalls > 0 &&
                        C::base::Shape::kOps + C::base::Shape::kCalls <= kPlacesCopiedWhole),
                       typename C::Effect, const typename C::Effect&>;

/// Carries out an effect that does more than to call, and `on_enter` of the states that it leads
/// to, from the outside in.
template <class C>
[[gnu::noinline]] void settle_all(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                  GivenEffect<C> effect, bool started) {
  if constexpr (Nests<C>) {
    std::uint8_t state = apply_nested(core, type, slot, effect.head, effect.starts(), started);
    while (state != kNoState) {
      enter_state<C>(core, slot, state, [&](const typename C::Effect& entered) {
        state = apply_entry(core, type, slot, entered.head, entered.starts(), state);
      });
    }
  } else {
    if (!apply_effect(core, type, slot, effect.head, effect.starts(), started)) return;
    enter_state<C>(core, slot, type.meta[slot].state, [&](const typename C::Effect& entered) {
      apply_effect(core, type, slot, entered.head, entered.starts(), false);
    });
  }
}

/// Carries out what a handler has returned. Inline where most handlers end: nothing to do, or calls
/// to start.
template <class C>
[[gnu::always_inline]] inline void settle(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                                          const typename C::Effect& effect) {
  if (effect.head.quiet()) [[likely]]
    return;
  if constexpr (C::base::Shape::kCalls > 0) {
    if (effect.head.only_calls()) [[likely]] {
      // The first one apart, for a loop would keep all of them in memory.
      bool room = start_call(core, type, slot, effect.call.place[0]);
      for (unsigned i = 1; room && i < C::base::Shape::kCalls && i < effect.head.calls(); ++i) {
        room = start_call(core, type, slot, effect.call.place[i]);
      }
      return;
    }
  }
  settle_all<C>(core, type, slot, effect, false);
}

/// Runs one call of user code of type `C` that is not for a message, and carries out its effect.
template <class C, class Call>
inline void run_handler(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint16_t tag,
                        Event event, Call call) {
  core.running.set({slot, tag, C::kType, event});
  run_user(core, call, [&](const typename C::Effect& effect) __attribute__((always_inline)) {
    settle<C>(core, type, slot, effect);
  });
}

/// Gives one message to its isolate.
template <class C>
inline void handle_message(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                           EntryHeader* entry) {
  if constexpr (C::kServed != 0) {
    if ((C::kServed >> entry->tag() & 1) != 0 && !serve(core, type, entry)) return;
  }
  if constexpr (Owns<C>) {
    if ((C::kOwning >> entry->tag() & 1) != 0) hold_message(core, type, entry);
  }
  ++type.count.delivered;
  core.running.message = entry;
  run_user(
      core,
      [&](auto then) __attribute__((always_inline)) {
        C::message(core, slot, type.meta[slot].state, entry->tag(),
                   reinterpret_cast<std::byte*>(entry + 1), then);
      },
      [&](const typename C::Effect& effect)
          __attribute__((always_inline)) { settle<C>(core, type, slot, effect); });
  if constexpr (Owns<C>) {
    if (core.held != kNoBuffer || core.transit_descriptor >= 0) reclaim_held(core);
  }
}

/// After a handler that was not for a message of the queue: puts the slot back if it has more to
/// run, and reclaims what the handler left in its message.
template <class C>
inline void finish(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint32_t generation) {
  if constexpr (!C::kDefers && !C::kMonitors && !HearsNews<C>) {
    const SlotMeta& meta = type.meta[slot];
    const bool more = (meta.flags & kShutdown) != 0 || type.records[slot].first_result != kNoRecord;
    if (!more && core.transit_descriptor < 0 && core.held == kNoBuffer) [[likely]]
      return;
  }
  finish_ready(core, type, slot, generation);
}

/// Runs the handler of a result.
template <class C>
inline void run_result(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t number) {
  const SlotMeta& meta = type.meta[slot];
  const std::uint32_t generation = meta.generation;
  ResultRecord& record = result_of<C>(type, slot, number);
  run_handler<C>(core, type, slot, record.completion, Event::kResult,
                 [&](auto then) __attribute__((always_inline)) {
                   C::result(core, slot, meta.state, record, then);
                 });
  finish<C>(core, type, slot, generation);
}

/// Runs what `work` says. False: it is the mailbox's turn.
template <class C>
bool run_work(ShardCore& core, TypeBlock& type, std::uint32_t slot, const ReadyWork& work) {
  SlotMeta& meta = type.meta[slot];
  const std::uint32_t generation = meta.generation;
  switch (work.kind) {
    case ReadyWork::Kind::kMailbox:
      return false;
    case ReadyWork::Kind::kNothing:
      return true;
    case ReadyWork::Kind::kInit:
      if constexpr (Owns<C>) hold_init(core, type, slot);
      core.running.set({slot, 0, C::kType, Event::kInit});
      run_user(
          core, [&](auto then) { C::init(core, slot, then); },
          [&](const typename C::Effect& effect) { settle_all<C>(core, type, slot, effect, true); });
      break;
    case ReadyWork::Kind::kShutdown:
      run_handler<C>(core, type, slot, 0, Event::kShutdown,
                     [&](auto then) { C::shutdown(core, slot, meta.state, then); });
      break;
    case ReadyWork::Kind::kNews:
      if constexpr (HearsNews<C>) {
        run_handler<C>(core, type, slot, work.record, Event::kNews,
                       [&](auto then) { C::news(core, slot, meta.state, work.record, then); });
      }
      break;
    case ReadyWork::Kind::kResult:
      if constexpr (HasResults<C>) run_result<C>(core, type, slot, work.record);
      return true;
    case ReadyWork::Kind::kDown:
      if constexpr (C::kMonitors) {
        run_handler<C>(core, type, slot, 0, Event::kDown,
                       [&](auto then) { C::down(core, slot, meta.state, then); });
      }
      break;
    case ReadyWork::Kind::kDeferred:
      if constexpr (C::kDefers) {
        handle_message<C>(core, type, slot, work.deferred);
      }
      break;
  }
  finish<C>(core, type, slot, generation);
  return true;
}

/// Calls in a row for ready slots, and then for messages, while both wait.
inline constexpr std::uint32_t kTurn = 32;

/// Runs one piece of control, one result, or one message that was deferred. False: it is the
/// mailbox's turn.
template <class C>
inline bool run_ready(ShardCore& core, TypeBlock& type) {
  std::uint32_t slot = 0;
  if (type.head != type.tail && (type.turns++ & kTurn) != 0) {
    const ReadyWork work = mailbox_turn(core, type, slot);
    return run_work<C>(core, type, slot, work);
  }
  fetch_ready<C>(type);
  slot = pop_ready(type);
  if constexpr (HasResults<C>) {
    if (const std::uint8_t record = take_first_result<C>(type, slot); record != kNoRecord)
        [[likely]] {
      run_result<C>(core, type, slot, record);
      return true;
    }
  }
  return run_work<C>(core, type, slot, next_work(core, type, slot));
}

/// Fetches the node of a slot's first timer. By its last bytes, which say whether it is armed: they
/// are read first, and the node may lie across two cache lines.
[[gnu::always_inline]] inline void fetch_timers(const TypeBlock& type, std::uint32_t slot) {
  const std::size_t first = std::size_t{slot} * type.timers_per_slot * kTimerNodeSize;
  __builtin_prefetch(type.timers + first + kTimerNodeSize - 1, 1);
}

/// How far ahead the queue's receivers are prefetched, entries.
inline constexpr std::uint32_t kPrefetchAhead = 8;

/// Fetches what the delivery of the entry at `at` will touch.
template <class C>
[[gnu::always_inline]] inline void fetch_receiver(TypeBlock& type, std::uint32_t at) {
  if (at >= type.end) return;
  const std::uint32_t slot = type.entry(at)->slot();
  __builtin_prefetch(&type.meta[slot]);
  __builtin_prefetch(type.states + std::size_t{slot} * C::kStateStride);
  if constexpr (Timed<C>) fetch_timers(type, slot);
}

/// Delivers the entry at the queue's head. The strides are constants of the contract, as the
/// arena was laid out from the same types.
template <class C>
inline void deliver_next(ShardCore& core, TypeBlock& type) {
  constexpr auto kEntry = static_cast<std::uint32_t>(entry_stride(C::kPayload));
  EntryHeader* entry = type.entry(type.head);
  if constexpr (kWide<C>) fetch_receiver<C>(type, type.head + kPrefetchAhead * kEntry);
  const std::uint32_t next = type.head + kEntry;
  type.head = next == type.end ? 0 : next;
  const std::uint32_t slot = C::kSlots == 1 ? 0 : entry->slot();
  SlotMeta& meta = type.meta[slot];
  --meta.pending;
  if (meta.generation != entry->generation()) [[unlikely]] {
    ++type.count.stale;
    if constexpr (C::kServed != 0) {
      if ((C::kServed >> entry->tag() & 1) != 0) reject_dead(core, entry);
    }
    if constexpr (Owns<C>) {
      if ((C::kOwning >> entry->tag() & 1) != 0) drop_message(core, type, entry);
    }
    return;
  }
  if constexpr (C::kDefers) {
    if ((type.table->states[meta.state].deferred >> entry->tag() & 1) != 0) {
      defer_message(type, slot, entry);
      return;
    }
  }
  handle_message<C>(core, type, slot, entry);
}

/// The function that a TypeTable names: runs what is ready of type `C`, at most `budget` calls.
/// A fault ends the batch; the caller goes on with the next.
template <class C>
std::uint32_t dispatch_batch(ShardCore& core, std::uint32_t budget) {
  TypeBlock& type = core.types[C::kType];
  TINA_DCHECK(type.entry_stride == entry_stride(C::kPayload));
  TINA_DCHECK(type.state_stride == C::kStateStride);
  TINA_DCHECK(type.slots == C::kSlots);
  if constexpr (HasResults<C>) TINA_DCHECK(type.results_per_slot == C::kResults);
  core.running.other.type = C::kType;
  std::uint32_t calls = 0;
#if defined(__cpp_exceptions)
  try {
#endif
    for (; calls < budget; ++calls) {
      if (type.ready_count != 0 && run_ready<C>(core, type)) [[unlikely]]
        continue;
      if (type.head != type.tail) {
        deliver_next<C>(core, type);
      } else {
        // Nobody reads an entry now, so the next ones may take the first places, which are in
        // cache.
        type.head = type.tail = 0;
        core.busy_types.clear(C::kType);
        break;
      }
    }
#if defined(__cpp_exceptions)
  } catch (...) {
    uncaught_exception(core);
  }
#endif
  return calls;
}

}  // namespace tina::internal
