// SPDX-License-Identifier: Apache-2.0
// Which slots of a type have control or results to run, and the order of one slot's results. Both
// are rings and lists over reserved places, so nothing here can be full. Invariants: a slot stands
// in the ready ring at most once (kReady); a record is in its slot's list exactly while its status
// is kReady. Owned by the shard's thread.
#pragma once

#include "tina/shard_core.h"

namespace tina::internal {

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
  core.busy_types.set(type.number);
}

/// Whether the slots of a type are too many to stay in the nearest cache, so that it pays to fetch
/// them ahead.
template <class C>
inline constexpr bool kWide = C::kSlots > 1 && C::kSlots*(C::kStateStride +
                                                          sizeof(SlotMeta)) > std::size_t{8} * 1024;

/// Fetches what a slot some places behind the ready ring's first will touch. O(1). Always inlined:
/// g++ 12 takes a function that only prefetches for one without effects, and drops its call.
template <class C>
[[gnu::always_inline]] inline void fetch_ready(const TypeBlock& type) {
  if constexpr (!kWide<C>) return;
  constexpr std::uint32_t kAhead = 8;
  if (type.ready_count <= kAhead) return;
  const std::uint32_t position = type.ready_head + kAhead;
  const std::uint32_t slot = type.ready[position < type.slots ? position : position - type.slots];
  __builtin_prefetch(type.states + std::size_t{slot} * C::kStateStride, 1);
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

/// Appends a completed record to its slot's results and makes the slot ready. O(1). `result` is the
/// record.
inline void push_result(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record,
                        ResultRecord& result) {
  SlotRecord& slot_record = type.records[slot];
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
inline void push_result(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record) {
  push_result(core, type, slot, record, type.result(slot, record));
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

/// Takes the end of a call out of its record for its handler: counts it and frees the record.
void count_call_end(TypeCounters& count, std::uint8_t failure) noexcept;
inline void take_call_end(TypeBlock& type, std::uint32_t slot, std::uint8_t record,
                          ResultRecord& result) {
  const std::uint8_t failure = TypeBlock::call_of(result).failure;
  if (failure == kReplied) [[likely]] {
    ++type.count.replied;
  } else {
    count_call_end(type.count, failure);
  }
  SlotRecord& mine = type.records[slot];
  result.next = mine.free_call;
  mine.free_call = record;
  --mine.calls;
  --type.count.outstanding;
}

/// A contract whose isolate has results of its own actions: `kResults` places for each slot.
template <class C>
concept HasResults = requires { C::kResults; };

/// A contract that lists news of other shards.
template <class C>
concept HearsNews = requires { C::kNews; };

/// Result record `record` of a slot, where the type is known.
template <class C>
ResultRecord& result_of(TypeBlock& type, std::uint32_t slot, unsigned record) {
  return type.results[std::size_t{slot} * C::kResults + record];
}

/// The completions that the slot's state lists.
template <class C>
std::uint64_t listed_by(const TypeBlock& type, std::uint8_t state) {
  if constexpr (requires { C::kListed; }) {
    return C::kListed;
  } else {
    return type.table->states[state].listed;
  }
}

/// Takes the first result of a slot that stands in the ready ring, if that is what it has to run:
/// it lives, nobody has asked it to end, and its state lists the result. kNoRecord: a longer look
/// is needed. O(1).
template <class C>
inline std::uint8_t take_first_result(TypeBlock& type, std::uint32_t slot) {
  if constexpr (HearsNews<C>) return kNoRecord;
  SlotMeta& meta = type.meta[slot];
  if ((meta.flags & (kLive | kStarting | kShutdown)) != kLive) return kNoRecord;
  SlotRecord& mine = type.records[slot];
  const std::uint8_t record = mine.first_result;
  if (record == kNoRecord) return kNoRecord;
  ResultRecord& result = result_of<C>(type, slot, record);
  if ((listed_by<C>(type, meta.state) >> result.completion & 1) == 0) return kNoRecord;
  mine.first_result = result.next;
  result.status = RecordStatus::kIdle;
  ++type.count.results;
  meta.flags &= static_cast<std::uint8_t>(~kHeld);
  if (result.op == OpCode::kCall) take_call_end(type, slot, record, result);
  return record;
}

}  // namespace tina::internal
