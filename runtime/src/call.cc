// SPDX-License-Identifier: Apache-2.0
// See call.h. What the contract calls on the server's side (tina/serve.h) is here too.
#include "src/call.h"

#include <bit>
#include <cstring>

#include "src/isolate_timer.h"
#include "src/mailbox.h"
#include "src/remote.h"
#include "tina/layout.h"
#include "tina/serve.h"

namespace tina::internal {
namespace {

std::uint32_t call_timer(const TypeBlock& type, std::uint32_t slot, unsigned call) {
  const TypeTable& table = *type.table;
  return type.timer_base + (slot + 1) * timers_per_slot(table) - table.open - table.calls + call;
}

std::uint32_t open_timer(const TypeBlock& type, std::uint32_t slot, unsigned place) {
  return type.timer_base + (slot + 1) * timers_per_slot(*type.table) - type.table->open + place;
}

/// Who is called: by path on this shard the child of now; on another shard at least the shard.
Handle callee(ShardParts& shard, const CallStart& start) {
  if (!start.by_path) return start.to;
  auto address = std::bit_cast<ChildAddress>(start.to.bits);
  if (address.shard == kOwnShard) address.shard = shard.shard;
  const Handle nobody = Handle::make(address.shard, 0, 0);
  if (address.shard != shard.shard) return nobody;
  const Handle child = resolve_child(shard, address);
  return child == Handle{} ? nobody : child;
}

void free_record(TypeBlock& type, std::uint32_t slot, std::uint8_t record) {
  SlotRecord& mine = type.records[slot];
  type.result(slot, record).next = mine.free_call;
  mine.free_call = record;
  --mine.calls;
  --type.count.outstanding;
}

/// The record's call has ended; its handler is to be told.
void end_record(ShardParts& shard, TypeBlock& type, std::uint32_t slot, std::uint8_t record,
                Failure why) {
  CallRecord& call = type.call(slot, record);
  ++call.correlation;
  call.failure = static_cast<std::uint8_t>(why);
  const unsigned end = why == kNoFailure ? 0 : (why == Failure::kTimeout ? 1 : 2);
  type.result(slot, record).completion = static_cast<std::uint8_t>(call.first_bit + end);
  push_result(shard, type, slot, record);
}

std::uint64_t& counter_of(TypeCounters& count, Failure why) {
  switch (why) {
    case Failure::kFull:
      return count.call_full;
    case Failure::kRingFull:
      return count.call_ring_full;
    case Failure::kDead:
      return count.call_dead;
    case Failure::kQuarantined:
      return count.call_quarantined;
    case Failure::kRefused:
      return count.call_refused;
    case Failure::kCrashed:
      return count.call_crashed;
    case Failure::kEnded:
      return count.call_ended;
    case Failure::kTimeout:
      return count.timed_out;
  }
  return count.replied;
}

/// Whether the supervisor of what lived in the slot has given up.
Failure why_dead(const ShardParts& shard, const TypeBlock& type, std::uint32_t slot) {
  if (slot >= type.slots) return Failure::kDead;
  return shard.tree.admit(type.records[slot].child) == SpawnStatus::kQuarantined
             ? Failure::kQuarantined
             : Failure::kDead;
}

void free_open(ShardParts& shard, TypeBlock& type, std::uint32_t slot, unsigned place) {
  OpenCall& open = type.open_call(slot, place);
  shard.wheel->cancel(open_timer(type, slot, place));
  open.taken = false;
  if (++open.serial == 0) open.serial = 1;
  open.next = type.records[slot].free_open;
  type.records[slot].free_open = static_cast<std::uint8_t>(place);
}

}  // namespace

Failure queue_call(ShardParts& shard, unsigned to_type, Handle to, std::uint16_t tag,
                   const CallHeader& header, const std::byte* request, std::uint32_t size) {
  if (to_type >= shard.type_count) return Failure::kDead;
  TypeBlock& type = shard.types[to_type];
  if (!type.lives(to)) {
    ++type.count.refused_dead;
    return why_dead(shard, type, to.slot());
  }
  if (type.meta[to.slot()].pending >= type.mailbox) {
    ++type.count.refused_full;
    return Failure::kFull;
  }
  const std::uint32_t tail = type.tail;
  EntryHeader* const entry = type.entry(tail);
  *entry = EntryHeader::of(to.bits ^ shard.home, tag);
  auto* const payload = reinterpret_cast<std::byte*>(entry + 1);
  std::memcpy(payload, &header, sizeof header);
  if (size > 0) std::memcpy(payload + sizeof header, request, size);
  append_entry(shard, type, to_type, tail, type.meta[to.slot()]);
  return kNoFailure;
}

bool start_call(ShardParts& shard, TypeBlock& type, std::uint32_t slot, const CallStart& start,
                const std::byte* request) {
  SlotRecord& mine = type.records[slot];
  const std::uint8_t record = mine.free_call;
  if (record == kNoRecord) return false;
  ResultRecord& result = type.result(slot, record);
  CallRecord& call = type.call(slot, record);
  mine.free_call = result.next;
  ++mine.calls;
  ++type.count.calls;
  ++type.count.outstanding;
  result.status = RecordStatus::kInFlight;
  call.tag = start.tag;
  call.server = callee(shard, start);
  call.first_bit = start.first_bit;
  const CallHeader header{Handle::make(shard.shard, slot, type.meta[slot].generation),
                          shard.now.ns + static_cast<std::uint64_t>(start.limit_ns),
                          call.correlation,
                          record,
                          static_cast<std::uint8_t>(index(type.table->id)),
                          0};
  const bool here = call.server.shard() == shard.shard;
  const Failure refused =
      here ? queue_call(shard, start.type, call.server, start.message, header, request, start.size)
           : send_call(shard, start, header, request);
  if (refused != kNoFailure) {
    end_record(shard, type, slot, record, refused);
    return true;
  }
  shard.wheel->arm(call_timer(type, slot, record - type.table->first_call),
                   tick_after(shard, start.limit_ns));
  return true;
}

void take_call_end(TypeBlock& type, std::uint32_t slot, std::uint8_t record) {
  ++counter_of(type.count, static_cast<Failure>(type.call(slot, record).failure));
  free_record(type, slot, record);
}

void abandon_calls(ShardParts& shard, TypeBlock& type, std::uint32_t slot, std::uint64_t listed) {
  for (unsigned i = 0; i < type.table->calls && type.records[slot].calls > 0; ++i) {
    const auto record = static_cast<std::uint8_t>(type.table->first_call + i);
    ResultRecord& result = type.result(slot, record);
    if (result.status == RecordStatus::kIdle) continue;
    CallRecord& call = type.call(slot, record);
    if ((listed >> call.first_bit & 7) == 7) continue;
    if (result.status == RecordStatus::kReady) {
      unlink_result(type, slot, record);
    } else {
      shard.wheel->cancel(call_timer(type, slot, i));
      ++call.correlation;
      result.status = RecordStatus::kIdle;
    }
    ++type.count.abandoned;
    free_record(type, slot, record);
  }
}

void call_limit_passed(ShardParts& shard, TypeBlock& type, std::uint32_t slot, unsigned call) {
  const auto record = static_cast<std::uint8_t>(type.table->first_call + call);
  TINA_ASSERT(type.result(slot, record).status == RecordStatus::kInFlight);
  end_record(shard, type, slot, record, Failure::kTimeout);
}

void open_limit_passed(ShardParts& shard, TypeBlock& type, std::uint32_t slot, unsigned place) {
  const CallHeader call = type.open_call(slot, place).call;
  free_open(shard, type, slot, place);
  fail_call(shard, call, Failure::kTimeout);
}

void end_calls(ShardParts& shard, TypeBlock& type, std::uint32_t slot, Exit exit) {
  const Failure why = exit == Exit::kCrashed ? Failure::kCrashed : Failure::kEnded;
  if (shard.serving != nullptr) {
    const CallHeader call = *shard.serving;
    shard.serving = nullptr;
    fail_call(shard, call, why);
  }
  abandon_calls(shard, type, slot, 0);
  for (unsigned place = 0; place < type.table->open; ++place) {
    if (!type.open_call(slot, place).taken) continue;
    const CallHeader call = type.open_call(slot, place).call;
    free_open(shard, type, slot, place);
    fail_call(shard, call, why);
  }
}

std::byte* reply_place(ShardParts& shard, const CallHeader& header) {
  TINA_ASSERT(header.caller_type < shard.type_count);
  TypeBlock& type = shard.types[header.caller_type];
  const std::uint32_t slot = header.caller.slot();
  const unsigned number = header.record - type.table->first_call;
  TINA_ASSERT(slot < type.slots && number < type.table->calls);
  CallRecord& call = type.call(slot, header.record);
  // A correlation is used once in the life of its record, so this alone is enough; the generation
  // says that the caller is the same, too.
  const bool waits = call.correlation == header.correlation &&
                     type.meta[slot].generation == header.caller.generation() &&
                     type.result(slot, header.record).status == RecordStatus::kInFlight;
  return waits ? reinterpret_cast<std::byte*>(&call + 1) : nullptr;
}

bool finish_call(ShardParts& shard, const CallHeader& header, Failure why) {
  if (reply_place(shard, header) == nullptr) {
    // A limit is the caller's own clock's to find, so the news of it is no late answer.
    if (why != Failure::kTimeout) ++shard.types[header.caller_type].count.late;
    return false;
  }
  TypeBlock& type = shard.types[header.caller_type];
  const std::uint32_t slot = header.caller.slot();
  shard.wheel->cancel(call_timer(type, slot, header.record - type.table->first_call));
  end_record(shard, type, slot, header.record, why);
  return true;
}

void fail_call(ShardParts& shard, const CallHeader& call, Failure why) {
  if (call.caller.shard() == shard.shard) {
    finish_call(shard, call, why);
  } else {
    reserve_answer(shard, call, why, nullptr, 0);
    commit_answer(shard, call);
  }
}

bool end_calls_towards(ShardParts& shard, ShardId peer, SlotCursor& cursor) {
  constexpr std::uint32_t kSlotsPerStep = 4096;
  std::uint32_t left = kSlotsPerStep;
  for (; cursor.type < shard.type_count; ++cursor.type, cursor.slot = 0) {
    TypeBlock& type = shard.types[cursor.type];
    if (type.table->calls == 0) continue;
    for (; cursor.slot < type.slots; ++cursor.slot, --left) {
      const std::uint32_t slot = cursor.slot;
      if (left == 0) return true;
      if (type.records[slot].calls == 0) continue;
      for (unsigned call = 0; call < type.table->calls; ++call) {
        const auto record = static_cast<std::uint8_t>(type.table->first_call + call);
        if (type.result(slot, record).status != RecordStatus::kInFlight) continue;
        if (type.call(slot, record).server.shard() != peer) continue;
        shard.wheel->cancel(call_timer(type, slot, call));
        end_record(shard, type, slot, record, Failure::kQuarantined);
      }
    }
  }
  return false;
}

// What the contract and handlers call.

bool serve(ShardCore& core, TypeBlock& type, const EntryHeader* entry) noexcept {
  const auto* const call = reinterpret_cast<const CallHeader*>(entry + 1);
  if (call->deadline_ns < core.now.ns) [[unlikely]] {
    ++type.count.expired;
    fail_call(parts(core), *call, Failure::kTimeout);
    return false;
  }
  core.serving = call;
  return true;
}

void reject_dead(ShardCore& core, const EntryHeader* entry) noexcept {
  fail_call(parts(core), *reinterpret_cast<const CallHeader*>(entry + 1), Failure::kDead);
}

void answer_serving(ShardCore& core, const void* results, std::uint32_t size) noexcept {
  set_phase(core, Phase::kRuntime);
  const CallHeader* const call = core.serving;
  core.serving = nullptr;
  ShardParts& shard = parts(core);
  if (call->caller.shard() == core.shard) [[likely]] {
    std::byte* const place = reply_place(shard, *call);
    if (place != nullptr) std::memcpy(place, results, size);
    finish_call(shard, *call, kNoFailure);
  } else {
    reserve_answer(shard, *call, kNoFailure, results, size);
    commit_answer(shard, *call);
  }
}

void reject_serving(ShardCore& core, TypeBlock& type) noexcept {
  set_phase(core, Phase::kRuntime);
  const CallHeader call = *core.serving;
  core.serving = nullptr;
  --type.count.delivered;
  ++type.count.rejected;
  fail_call(parts(core), call, Failure::kRefused);
}

OpenPlace take_open(ShardCore& core, TypeBlock& type, std::uint32_t slot) noexcept {
  set_phase(core, Phase::kRuntime);
  ShardParts& shard = parts(core);
  const CallHeader call = *core.serving;
  core.serving = nullptr;
  const std::uint8_t place = type.records[slot].free_open;
  if (place == kNoRecord) {
    --type.count.delivered;
    ++type.count.rejected;
    fail_call(shard, call, Failure::kFull);
    return {0, 0};
  }
  OpenCall& open = type.open_call(slot, place);
  type.records[slot].free_open = open.next;
  open.call = call;
  open.taken = true;
  shard.wheel->arm(open_timer(type, slot, place), shard.tick_from(call.deadline_ns));
  set_phase(core, Phase::kHandler);
  return {open.serial, place};
}

AnswerResult answer_open(ShardCore& core, OpenPlace token, const void* results,
                         std::uint32_t size) noexcept {
  ShardParts& shard = parts(core);
  const Running running = core.running.get();
  TypeBlock& type = core.types[running.type];
  const std::uint32_t slot = running.slot;
  if (token.place >= type.table->open) return AnswerResult::kExpired;
  const OpenCall& open = type.open_call(slot, token.place);
  if (!open.taken || open.serial != token.serial) return AnswerResult::kExpired;
  const CallHeader call = open.call;
  const bool here = call.caller.shard() == core.shard;
  // Copied while a fault is still the handler's: what is not committed is nobody's yet.
  std::byte* const place =
      here ? reply_place(shard, call) : reserve_answer(shard, call, kNoFailure, results, size);
  if (here && place != nullptr) std::memcpy(place, results, size);
  set_phase(core, Phase::kRuntime);
  free_open(shard, type, slot, token.place);
  if (here) {
    finish_call(shard, call, kNoFailure);
  } else {
    commit_answer(shard, call);
  }
  set_phase(core, Phase::kHandler);
  return place != nullptr ? AnswerResult::kAnswered : AnswerResult::kExpired;
}

}  // namespace tina::internal
