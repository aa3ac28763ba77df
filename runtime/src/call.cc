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
#include "tina/start_call.h"

namespace tina::internal {
namespace {

std::uint32_t call_timer(const TypeBlock& type, std::uint32_t slot, unsigned call) {
  const TypeTable& table = *type.table;
  return type.timer_base + (slot + 1) * timers_per_slot(table) - table.open - table.calls + call;
}

std::uint32_t open_timer(const TypeBlock& type, std::uint32_t slot, unsigned place) {
  return type.timer_base + (slot + 1) * timers_per_slot(*type.table) - type.table->open + place;
}

void free_record(TypeBlock& type, std::uint32_t slot, std::uint8_t record) {
  SlotRecord& mine = type.records[slot];
  type.result(slot, record).next = mine.free_call;
  mine.free_call = record;
  --mine.calls;
  --type.count.outstanding;
}

/// The call in a record has ended, by `failure` and the event that is `end` bits behind the reply;
/// its handler is to be told.
inline void end_call(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record,
                     ResultRecord& result, std::uint8_t failure, std::uint8_t end) {
  CallRecord& call = TypeBlock::call_of(result);
  ++call.correlation;
  call.failure = failure;
  result.completion = static_cast<std::uint8_t>(call.first_bit + end);
  push_result(core, type, slot, record, result);
}

void end_record(ShardParts& shard, TypeBlock& type, std::uint32_t slot, std::uint8_t record,
                Failure why) {
  const std::uint8_t end = why == kNoFailure ? 0 : (why == Failure::kTimeout ? 1 : 2);
  end_call(shard, type, slot, record, type.result(slot, record), static_cast<std::uint8_t>(why),
           end);
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

/// Why a mailbox of this shard has not taken a call.
Failure why_refused(const ShardParts& shard, unsigned number, Handle to) {
  if (number >= shard.type_count) return Failure::kDead;
  TypeBlock& type = shard.types[number];
  return type.lives(to) ? Failure::kFull : why_dead(shard, type, to.slot());
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
  EntryHeader* const entry =
      to_type < shard.type_count ? take_place(shard, to_type, to, tag) : nullptr;
  if (entry == nullptr) return why_refused(shard, to_type, to);
  auto* const place = ::new (entry + 1) CallHeader(header);
  copy_words(place + 1, request, size);
  return kNoFailure;
}

void end_replied(ShardCore& core, TypeBlock& type, std::uint32_t slot, std::uint8_t record,
                 ResultRecord& result) noexcept {
  end_call(core, type, slot, record, result, kReplied, 0);
}

void calls_busy(ShardCore& core, TypeBlock& type, std::uint32_t slot) noexcept {
  crash_isolate(parts(core), type, slot, Fault{"calls_busy", 0, {}, 0});
}

// By path on this shard it is the child of now; on another shard the path is resolved there.
bool start_call_found(ShardCore& core, TypeBlock& type, std::uint32_t slot, const CallStart& start,
                      const std::byte* request) noexcept {
  ShardParts& shard = parts(core);
  CallStart found = start.by_route ? routed(shard, start) : start;
  const CallRef call{found, request};
  if (!found.by_path) return start_call_at(core, type, slot, call, found.to.shard());
  auto address = std::bit_cast<ChildAddress>(found.to.bits);
  if (address.shard == kOwnShard) address.shard = shard.shard;
  if (address.shard != shard.shard) {
    return start_call_at(core, type, slot, call, address.shard);
  }
  const Handle child = resolve_child(shard, address);
  found.by_path = false;
  found.to = child == Handle{} ? Handle::make(shard.shard, 0, 0) : child;
  return start_call_at(core, type, slot, call, shard.shard);
}

void start_call_elsewhere(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                          const CallStart& start, const std::byte* request,
                          std::uint8_t record) noexcept {
  ShardParts& shard = parts(core);
  const CallRecord& call = TypeBlock::call_of(type.result(slot, record));
  const Failure refused =
      call.server == shard.shard
          ? why_refused(shard, start.type, start.to)
          : send_call(shard, start, header_of(core, type, slot, record, call), request);
  if (refused != kNoFailure) {
    end_record(shard, type, slot, record, refused);
    return;
  }
  set_call_limit(core, type, slot, record, call);
}

// A timer fires no earlier than its tick ends, so that is when it is armed for. No division, for it
// costs more than the rest.
void arm_call_limit(ShardCore& core, TypeBlock& type, std::uint32_t slot,
                    std::uint8_t record) noexcept {
  ShardParts& shard = parts(core);
  CallRecord& call = TypeBlock::call_of(type.result(slot, record));
  const std::uint64_t tick = shard.tick_from(call.deadline_ns);
  shard.wheel->arm(call_timer(type, slot, record - type.table->first_call), tick);
  call.armed_ns = tick * static_cast<std::uint64_t>(shard.role->tick_ns);
}

bool start_calls(ShardCore& core, TypeBlock& type, std::uint32_t slot, const StartList& starts,
                 unsigned count) noexcept {
  for (unsigned i = 0; i < count; ++i) {
    const std::byte* const call = starts.calls + std::size_t{i} * starts.call_stride;
    const auto& start = *reinterpret_cast<const CallStart*>(call);
    if (!start_call(core, type, slot, CallRef{start, call + sizeof start})) return false;
  }
  return true;
}

void count_call_end(TypeCounters& count, std::uint8_t failure) noexcept {
  ++counter_of(count, static_cast<Failure>(failure));
}

void abandon_calls(TypeBlock& type, std::uint32_t slot, std::uint64_t listed) {
  for (unsigned i = 0; i < type.table->calls && type.records[slot].calls > 0; ++i) {
    const auto record = static_cast<std::uint8_t>(type.table->first_call + i);
    ResultRecord& result = type.result(slot, record);
    if (result.status == RecordStatus::kIdle) continue;
    CallRecord& call = type.call(slot, record);
    if ((listed >> call.first_bit & 7) == 7) continue;
    if (result.status == RecordStatus::kReady) {
      unlink_result(type, slot, record);
    } else {
      ++call.correlation;
      result.status = RecordStatus::kIdle;
    }
    ++type.count.abandoned;
    free_record(type, slot, record);
  }
}

void call_limit_passed(ShardParts& shard, TypeBlock& type, std::uint32_t slot, unsigned call) {
  const auto record = static_cast<std::uint8_t>(type.table->first_call + call);
  const ResultRecord& result = type.result(slot, record);
  CallRecord& mine = TypeBlock::call_of(result);
  mine.armed_ns = 0;
  if (result.status != RecordStatus::kInFlight) return;  // armed for a call that has ended
  if (mine.deadline_ns > shard.now.ns) {
    arm_call_limit(shard, type, slot, record);
    return;
  }
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
  abandon_calls(type, slot, 0);
  for (unsigned call = 0; call < type.table->calls; ++call) {
    shard.wheel->cancel(call_timer(type, slot, call));
    type.call(slot, type.table->first_call + call).armed_ns = 0;
  }
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
  CallRecord& call = TypeBlock::call_of(type.result(slot, header.record));
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
        if (type.call(slot, record).server != peer) continue;
        end_record(shard, type, slot, record, Failure::kQuarantined);
      }
    }
  }
  return false;
}

// What the contract and handlers call.

void expire_call(ShardCore& core, TypeBlock& type, const CallHeader& call) noexcept {
  ++type.count.expired;
  fail_call(parts(core), call, Failure::kTimeout);
}

void reject_dead(ShardCore& core, const EntryHeader* entry) noexcept {
  fail_call(parts(core), *reinterpret_cast<const CallHeader*>(entry + 1), Failure::kDead);
}

void answer_elsewhere(ShardCore& core, const CallHeader& call, const void* results,
                      std::uint32_t size) noexcept {
  ShardParts& shard = parts(core);
  if (call.caller.shard() == core.shard) {
    ++shard.types[call.caller_type].count.late;
    return;
  }
  reserve_answer(shard, call, kNoFailure, results, size);
  commit_answer(shard, call);
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
