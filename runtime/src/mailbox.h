// SPDX-License-Identifier: Apache-2.0
// The parts of a mailbox that do not need a copy of the message: which slots of a type have control
// or results to run, and the order of one slot's results. Both are rings and lists over reserved
// places, so nothing here can be full. Invariants: a slot stands in the ready ring at most once
// (kReady); a record is in its slot's list exactly while its status is kReady. Owned by the shard's
// thread.
#pragma once

#include <utility>

#include "tina/shard_core.h"

namespace tina::internal {

inline void mark_busy(ShardCore& core, const TypeBlock& type) {
  core.busy_types.set(index(type.table->id));
}

/// Puts a slot at the end of its type's ready ring unless it stands there already. O(1).
inline void push_ready(ShardCore& core, TypeBlock& type, std::uint32_t slot) {
  SlotMeta& meta = type.meta[slot];
  if ((meta.flags & kReady) != 0) return;
  TINA_DCHECK(type.ready_count < type.slots);
  std::uint32_t position = type.ready_head + type.ready_count;
  if (position >= type.slots) position -= type.slots;
  type.ready[position] = slot;
  ++type.ready_count;
  meta.flags |= kReady;
  mark_busy(core, type);
}

/// Fetches what a slot some places behind the ready ring's first will touch. O(1). Always inlined:
/// g++ 12 takes a function that only prefetches for one without effects, and drops its call.
[[gnu::always_inline]] inline void fetch_ready(const TypeBlock& type) {
  constexpr std::uint32_t kAhead = 8;
  if (type.ready_count <= kAhead) return;
  const std::uint32_t position = type.ready_head + kAhead;
  const std::uint32_t slot = type.ready[position < type.slots ? position : position - type.slots];
  __builtin_prefetch(type.states + std::size_t{slot} * type.state_stride, 1);
  __builtin_prefetch(&type.meta[slot], 1);
  __builtin_prefetch(&type.records[slot], 1);
}

/// Takes the first slot off the ready ring, which must not be empty. O(1).
inline std::uint32_t pop_ready(TypeBlock& type) {
  TINA_DCHECK(type.ready_count > 0);
  const std::uint32_t slot = type.ready[type.ready_head];
  type.ready_head = type.ready_head + 1 == type.slots ? 0 : type.ready_head + 1;
  --type.ready_count;
  type.meta[slot].flags &= static_cast<std::uint8_t>(~kReady);
  return slot;
}

/// After a change of state: what was held for want of a state that lists it may be wanted now.
/// O(1).
inline void recheck_held(ShardCore& core, TypeBlock& type, std::uint32_t slot) {
  SlotMeta& meta = type.meta[slot];
  if ((meta.flags & kHeld) == 0) return;
  meta.flags &= static_cast<std::uint8_t>(~kHeld);
  push_ready(core, type, slot);
}

/// Appends a completed record to its slot's results and makes the slot ready. O(1).
inline void push_result(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record) {
  SlotRecord& slot_record = type.records[slot];
  ResultRecord& result = type.result(slot, record);
  TINA_DCHECK(result.status != RecordStatus::kReady);
  result.status = RecordStatus::kReady;
  result.next = kNoRecord;
  if (slot_record.first_result == kNoRecord) {
    slot_record.first_result = record;
  } else {
    type.result(slot, slot_record.last_result).next = record;
  }
  slot_record.last_result = record;
  push_ready(core, type, slot);
}

/// Takes a completed record out of its slot's list, wherever it stands. O(records of the slot).
inline void unlink_result(TypeBlock& type, std::uint32_t slot, std::uint8_t record) {
  SlotRecord& slot_record = type.records[slot];
  std::uint8_t previous = kNoRecord;
  for (std::uint8_t at = slot_record.first_result; at != kNoRecord;
       previous = at, at = type.result(slot, at).next) {
    if (at != record) continue;
    const std::uint8_t next = type.result(slot, at).next;
    (previous == kNoRecord ? slot_record.first_result : type.result(slot, previous).next) = next;
    if (slot_record.last_result == record) slot_record.last_result = previous;
    type.result(slot, record).status = RecordStatus::kIdle;
    return;
  }
}

/// The first completed record that `state` lists, or kNoRecord: results keep their order of
/// completion among those that the state lists; the others wait in their places. O(records of the
/// slot).
inline std::uint8_t first_listed(TypeBlock& type, std::uint32_t slot) {
  const std::uint64_t listed = type.table->states[type.meta[slot].state].listed;
  std::uint8_t at = type.records[slot].first_result;
  while (at != kNoRecord && ((listed >> type.result(slot, at).completion) & 1) == 0) {
    at = type.result(slot, at).next;
  }
  return at;
}

/// Copies a queue entry to the end of its slot's deferred messages. A place is always free, because
/// a deferred message still counts in `pending`. O(size).
inline void append_deferred(TypeBlock& type, std::uint32_t slot, const EntryHeader* entry) {
  const std::uint32_t place = type.deferred_free;
  TINA_ASSERT(place != kNoPlace);
  DeferredHeader* const header = type.deferred_at(place);
  type.deferred_free = header->next;
  __builtin_memcpy(header + 1, entry, type.entry_stride);
  std::uint32_t& last = type.records[slot].last_deferred;
  if (last == kNoPlace) {
    header->next = place;
  } else {
    header->next = std::exchange(type.deferred_at(last)->next, place);
  }
  last = place;
  ++type.count.waiting;
}

/// Takes the first deferred message that the slot's state does not defer, or null. Its place is
/// free at once, and is written again by the next append only. O(deferred messages of the slot).
inline EntryHeader* take_deferred(TypeBlock& type, std::uint32_t slot) {
  std::uint32_t& last = type.records[slot].last_deferred;
  if (last == kNoPlace) return nullptr;
  const std::uint64_t deferred = type.table->states[type.meta[slot].state].deferred;
  for (std::uint32_t previous = last;;) {
    const std::uint32_t at = type.deferred_at(previous)->next;
    DeferredHeader* const header = type.deferred_at(at);
    auto* const entry = reinterpret_cast<EntryHeader*>(header + 1);
    if ((deferred >> entry->tag() & 1) != 0) {
      if (at == last) return nullptr;
      previous = at;
      continue;
    }
    type.deferred_at(previous)->next = header->next;
    if (last == at) last = previous == at ? kNoPlace : previous;
    header->next = type.deferred_free;
    type.deferred_free = at;
    --type.meta[slot].pending;
    --type.count.waiting;
    return entry;
  }
}

/// Frees what an ended isolate had deferred, counted as stale; `drop(entry)` is called for each.
/// O(deferred messages of the slot).
template <class Drop>
void drop_deferred(TypeBlock& type, std::uint32_t slot, Drop drop) {
  const std::uint32_t last = std::exchange(type.records[slot].last_deferred, kNoPlace);
  if (last == kNoPlace) return;
  for (std::uint32_t at = std::exchange(type.deferred_at(last)->next, kNoPlace); at != kNoPlace;) {
    DeferredHeader* const header = type.deferred_at(at);
    const std::uint32_t next = header->next;
    drop(reinterpret_cast<const EntryHeader*>(header + 1));
    header->next = type.deferred_free;
    type.deferred_free = at;
    --type.meta[slot].pending;
    ++type.count.stale;
    --type.count.waiting;
    at = next;
  }
}

/// Whether every message that was taken is accounted for.
inline bool messages_add_up(const TypeBlock& type) {
  const TypeCounters& count = type.count;
  return count.accepted == count.delivered + count.rejected + count.expired + count.stale +
                               count.waiting + type.queued();
}

/// Whether every call that was started is accounted for.
inline bool calls_add_up(const TypeCounters& count) {
  const std::uint64_t rejected = count.call_full + count.call_ring_full + count.call_dead +
                                 count.call_quarantined + count.call_refused + count.call_crashed +
                                 count.call_ended;
  return count.calls ==
         count.replied + count.timed_out + count.abandoned + count.outstanding + rejected;
}

/// Whether the slot has results, Downs or deferred messages, whether its state wants them or not.
inline bool has_waiting(const TypeBlock& type, std::uint32_t slot) {
  const SlotRecord& record = type.records[slot];
  return record.first_result != kNoRecord || record.last_deferred != kNoPlace ||
         (type.table->monitors > 0 && type.watches[slot].first_down != kNoPlace);
}

}  // namespace tina::internal
