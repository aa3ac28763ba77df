// SPDX-License-Identifier: Apache-2.0
// The hot loop: one instantiation per isolate type, so the user's handlers inline into it and one
// indirect call serves a whole batch. The generated contract `C` supplies the switches over message
// and state; this file owns the order: control, then results, then the mailbox. Invariant: the
// queue's head has moved before a handler runs, so a fault loses exactly one message. Runs on the
// shard's thread, below the trap point.
#pragma once

#include "tina/owned.h"
#include "tina/ready.h"
#include "tina/serve.h"
#include "tina/settle.h"

namespace tina::internal {

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
  std::uint8_t record;  ///< of a result; the kind of news
  std::uint32_t slot;
  EntryHeader* deferred;  ///< a deferred message, readable until the next one is deferred
};
/// What a slot of the ready ring has to run first: control before results, results in order of
/// completion as far as the state lists them.
ReadyWork next_work(ShardCore& core, TypeBlock& type, std::uint32_t slot) noexcept;
/// The turn of the queue's first message, or of what waits for its isolate.
ReadyWork mailbox_turn(ShardCore& core, TypeBlock& type) noexcept;
/// Keeps a message that the slot's state defers, in its place in the order. O(size).
void defer_message(TypeBlock& type, std::uint32_t slot, const EntryHeader* entry) noexcept;
/// Puts the slot back if it has more to run, and reclaims what the handler left in its message.
void finish_ready(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                  std::uint32_t generation) noexcept;
/// Ends the isolate whose handler let an exception escape.
void uncaught_exception(ShardCore& core) noexcept;

/// A contract with a state that reacts to the request to end.
template <class C>
concept HearsShutdown = requires(ShardCore& core) { C::shutdown(core, 0, 0, nullptr); };

/// A contract whose isolate has state timeouts or timers of its own, which handlers arm and cancel.
template <class C>
concept Timed = requires { C::kTimed; };

/// A call of user code of type `C` that is not for a message begins: who runs, and why.
template <class C>
inline Settle<C> begin_handler(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                               std::uint16_t tag, Event event) {
  core.running.set({slot, tag, C::kType, event});
  begin_user(core);
  return {core, type, slot};
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
  begin_user(core);
  C::message(core, slot, type.meta[slot].state, entry->tag(),
             reinterpret_cast<std::byte*>(entry + 1), Settle<C>{core, type, slot});
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
  const auto then = begin_handler<C>(core, type, slot, record.completion, Event::kResult);
  C::result(core, slot, meta.state, record, then);
  finish<C>(core, type, slot, generation);
}

/// Runs what `work` says, if that is not a result. False: it is the mailbox's turn.
template <class C>
bool run_work(ShardCore& core, TypeBlock& type, ReadyWork work) {
  const std::uint32_t slot = work.slot;
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
      begin_user(core);
      C::init(core, slot, SettleInit<C>{core, type, slot});
      break;
    case ReadyWork::Kind::kShutdown:
      if constexpr (HearsShutdown<C>) {
        const auto then = begin_handler<C>(core, type, slot, 0, Event::kShutdown);
        C::shutdown(core, slot, meta.state, then);
      }
      break;
    case ReadyWork::Kind::kNews:
      if constexpr (HearsNews<C>) {
        const auto then = begin_handler<C>(core, type, slot, work.record, Event::kNews);
        C::news(core, slot, meta.state, work.record, then);
      }
      break;
    case ReadyWork::Kind::kResult:
      __builtin_unreachable();
    case ReadyWork::Kind::kDown:
      if constexpr (C::kMonitors) {
        const auto then = begin_handler<C>(core, type, slot, 0, Event::kDown);
        C::down(core, slot, meta.state, then);
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
  ReadyWork work;
  if (type.head != type.tail && (type.turns++ & kTurn) != 0) {
    work = mailbox_turn(core, type);
  } else {
    fetch_ready<C>(type);
    work = {ReadyWork::Kind::kResult, kNoRecord, pop_ready(type), nullptr};
    if constexpr (HasResults<C>) work.record = take_first_result<C>(type, work.slot);
    if (work.record == kNoRecord) [[unlikely]]
      work = next_work(core, type, work.slot);
  }
  if constexpr (HasResults<C>) {
    if (work.kind == ReadyWork::Kind::kResult) [[likely]] {
      run_result<C>(core, type, work.slot, work.record);
      return true;
    }
  }
  return run_work<C>(core, type, work);
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

/// Whether a type's arena was laid out from the types of contract `C`.
template <class C>
bool laid_out_for(const TypeBlock& type) {
  if constexpr (HasResults<C>) {
    if (type.results_per_slot != C::kResults) return false;
  }
  return type.entry_stride == entry_stride(C::kPayload) && type.state_stride == C::kStateStride &&
         type.slots == C::kSlots;
}

/// The function that a TypeTable names: runs what is ready of type `C`, at most `budget` calls.
/// A fault ends the batch; the caller goes on with the next.
template <class C>
std::uint32_t dispatch_batch(ShardCore& core, std::uint32_t budget) {
  TypeBlock& type = core.types[C::kType];
  TINA_DCHECK(laid_out_for<C>(type));
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
