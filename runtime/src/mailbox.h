// SPDX-License-Identifier: Apache-2.0
// The parts of a mailbox that no handler waits for: results taken back, messages deferred, and the
// sums by which everything that was sent is accounted for. Invariants: a record is in its slot's
// list exactly while its status is kReady; a deferred message still counts in `pending`. Owned by
// the shard's thread.
#pragma once

#include <cstring>
#include <utility>

#include "tina/ready.h"

namespace tina::internal {

/// Copies `size` bytes, most often a word or two, that were stored long ago, and what is left of
/// the last word.
[[gnu::always_inline]] inline void copy_settled(void* to, const std::byte* from,
                                                std::uint32_t size) {
  auto* at = static_cast<std::byte*>(to);
  if (size > 8) [[likely]] {
    std::memcpy(at, from, 16);
    for (std::uint32_t done = 16; done < size; done += 8) std::memcpy(at + done, from + done, 8);
  } else if (size > 0) {
    std::memcpy(at, from, 8);
  }
}

/// Puts messages into the mailboxes of a type, one after another, and is closed before anybody else
/// looks at its queue. What does not change from one to the next is kept here, in registers.
class MailboxRun {
 public:
  MailboxRun(ShardCore& core, unsigned number)
      : type_(core.types[number]),
        core_(core),
        home_(core.home),
        meta_(type_.meta),
        entries_(type_.entries),
        next_(type_.entries + type_.tail),
        end_(type_.entries + type_.end),
        stride_(type_.entry_stride),
        slots_(type_.slots),
        mailbox_(type_.mailbox) {}
  MailboxRun(const MailboxRun&) = delete;
  MailboxRun& operator=(const MailboxRun&) = delete;

  /// As take_place(), and the message of `size` bytes copied. False, and counted: it was refused.
  [[gnu::always_inline]] bool put(Handle to, std::uint16_t tag, const std::byte* message,
                                  std::uint32_t size) {
    const std::uint64_t local = to.bits ^ home_;
    const auto slot = static_cast<std::uint32_t>(local >> 32);
    if (slot >= slots_) [[unlikely]]
      return refused(type_.count.refused_dead);
    SlotMeta& meta = meta_[slot];
    if (meta.generation != to.generation() || (meta.flags & kLive) == 0) [[unlikely]]
      return refused(type_.count.refused_dead);
    if (meta.pending >= mailbox_) [[unlikely]]
      return refused(type_.count.refused_full);
    auto* const entry = reinterpret_cast<EntryHeader*>(next_);
    *entry = EntryHeader::of(local, tag);
    copy_settled(entry + 1, message, size);
    next_ += stride_;
    if (next_ == end_) next_ = entries_;
    ++meta.pending;
    ++accepted_;
    return true;
  }

  /// Fetches what a put() for `to` will touch, where that is much. A hint: any bits will do.
  [[gnu::always_inline]] void expect(Handle to) const {
    const auto slot = static_cast<std::uint32_t>((to.bits ^ home_) >> 32);
    if (slot < slots_) __builtin_prefetch(&meta_[slot], 1);
  }
  /// Whether expect() is worth its while: so many slots do not stay in the nearest cache.
  bool wide() const { return slots_ > kNearSlots; }

  /// Returns how many were put.
  std::uint32_t close() {
    if (accepted_ == 0) return 0;
    type_.tail = static_cast<std::uint32_t>(next_ - entries_);
    type_.count.accepted += accepted_;
    core_.busy_types.set(type_.number);
    return accepted_;
  }

 private:
  static constexpr std::uint32_t kNearSlots = 1024;  // 8 KiB of meta

  static bool refused(std::uint64_t& counter) {
    ++counter;
    return false;
  }

  TypeBlock& type_;
  ShardCore& core_;
  const std::uint64_t home_;
  SlotMeta* const meta_;
  std::byte* const entries_;
  std::byte* next_;
  std::byte* const end_;
  const std::uint32_t stride_;
  const std::uint32_t slots_;
  const std::uint32_t mailbox_;
  std::uint32_t accepted_ = 0;
};

/// After a change of state: what was held for want of a state that lists it may be wanted now.
/// O(1).
inline void recheck_held(ShardCore& core, TypeBlock& type, std::uint32_t slot) {
  SlotMeta& meta = type.meta[slot];
  if ((meta.flags & kHeld) == 0) return;
  meta.flags &= static_cast<std::uint8_t>(~kHeld);
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
