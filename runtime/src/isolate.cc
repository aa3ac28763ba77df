// SPDX-License-Identifier: Apache-2.0
// See isolate.h. The functions that generated code calls (tina/dispatch.h, tina/context.h) are here
// too.
#include "src/isolate.h"

#include <cstring>

#include "src/call.h"
#include "src/isolate_blocks.h"
#include "src/isolate_timer.h"
#include "src/mailbox.h"
#include "src/monitor.h"
#include "src/remote.h"
#include "tina/layout.h"
#include "tina/serve.h"

namespace tina::internal {
namespace {

constexpr std::uint64_t kCanaryWord =
    std::uint64_t{0x0101'0101'0101'0101} * static_cast<std::uint64_t>(kCanaryByte);

constexpr std::uint8_t without(std::uint8_t flags, unsigned bits) {
  return static_cast<std::uint8_t>(flags & ~bits);
}

void set_yield_next(ResultRecord& record, std::uint64_t next) {
  record.size = static_cast<std::uint32_t>(next >> 32);
  record.done = static_cast<std::uint32_t>(next);
}

void release_slot(ShardParts& shard, TypeBlock& type, std::uint32_t slot) {
  const SlotMeta& meta = type.meta[slot];
  shard.tree.touch();
  if (meta.generation == 0) {  // wrapped: the slot is retired, so that no old handle fits again
    ++shard.counters.slots_retired;
    return;
  }
  std::uint32_t position = type.free_head + type.free_count;
  if (position >= type.slots) position -= type.slots;
  type.free[position] = slot;
  ++type.free_count;
}

/// Lets a slot run again in the next pass; asking twice is asking once. The list goes through the
/// slots' yield records.
void yield_slot(ShardParts& shard, TypeBlock& type, std::uint32_t slot, const OpRecord& op) {
  ResultRecord& record = type.result(slot, op.record);
  if (record.status != RecordStatus::kIdle) return;
  record.status = RecordStatus::kParked;
  record.op = OpCode::kYield;
  record.completion = op.completion;
  if (record.value != 0) return;  // still listed for an incarnation before this one
  record.value = 1;
  const std::uint64_t place = std::uint64_t{index(type.table->id)} << 32 | slot;
  if (shard.first_yield == kNoYield) {
    shard.first_yield = place;
  } else {
    const auto last = static_cast<std::uint32_t>(shard.last_yield);
    TypeBlock& before = shard.types[shard.last_yield >> 32];
    set_yield_next(before.result(last, before.table->yield_record), place);
  }
  set_yield_next(record, kNoYield);
  shard.last_yield = place;
}

/// An isolate that ends does not run again. Its place in the list stays until the next pass.
void end_yield(TypeBlock& type, std::uint32_t slot) {
  if (type.table->yield_record == kNoRecord) return;
  ResultRecord& record = type.result(slot, type.table->yield_record);
  if (record.status == RecordStatus::kReady) unlink_result(type, slot, type.table->yield_record);
  record.status = RecordStatus::kIdle;
}

const char* running_name(const Running& running, const TypeTable& table) {
  switch (running.event) {
    case Event::kDown:
      return "sys.Down";
    case Event::kNews:
      return running.tag == 0 ? "sys.ShardRestarted" : "sys.ShardQuarantined";
    case Event::kInit:
      return "init";
    case Event::kEnter:
      return "enter";
    case Event::kShutdown:
      return "sys.Shutdown";
    case Event::kMessage:
      return table.messages[running.tag];
    case Event::kAfter:
    case Event::kResult:
      return table.completions[running.tag];
  }
  return "?";
}

/// Takes back all that an isolate had: timers, calls, monitors, deferred messages, blocks, I/O.
/// True: its slot may be used again at once.
bool take_back(ShardParts& shard, TypeBlock& type, std::uint32_t slot, Exit exit) {
  for (std::uint8_t level = 0; level < type.table->afters; ++level) {
    cancel_after(shard, type, slot, level);
  }
  cancel_named_timers(shard, type, slot);
  end_calls(shard, type, slot, exit);
  if (type.watches != nullptr) end_watches(shard, type, slot, exit);
  end_yield(type, slot);
  drop_deferred(type, slot, [&](const EntryHeader* entry) {
    if ((type.table->served >> entry->tag() & 1) != 0) reject_dead(shard, entry);
    if ((type.table->owning >> entry->tag() & 1) != 0) drop_message(shard, type, entry);
  });
  if (!type.table->blocks.empty() || type.table->kept > 0) end_blocks(shard, type, slot);
  return shard.reactor.close_objects(shard, type, slot);
}

/// A record of what an isolate's handler did, to be completed; null: the log is full.
LogRecord* begin_report(ShardParts& shard, TypeBlock& type, std::uint32_t slot, LogKind kind) {
  LogRecord* const record = shard.log.reserve();
  if (record == nullptr) return nullptr;
  record->kind = kind;
  record->shard = static_cast<std::uint16_t>(shard.shard);
  record->type = type.table->name;
  record->state = type.table->states[type.meta[slot].state].name;
  record->message = running_name(shard.running.get(), *type.table);
  record->slot = slot;
  const ChildRecord& child = shard.tree.child(type.records[slot].child);
  record->place = child.place;
  record->restarts = child.restarts;
  return record;
}

bool whole(const std::byte* canary) {
  std::uint64_t bad = 0;
  for (std::size_t at = 0; at < kCanarySize; at += sizeof bad) {
    std::uint64_t word;
    std::memcpy(&word, canary + at, sizeof word);
    bad |= word ^ kCanaryWord;
  }
  return bad == 0;
}

}  // namespace

Reserved reserve_slot(ShardCore& core, TypeId id, std::uint16_t place) noexcept {
  ShardParts& shard = parts(core);
  return take_slot(shard, id, shard.tree.record_of(place, 0));
}

Reserved take_slot(ShardParts& shard, TypeId id, std::uint32_t child) {
  TypeBlock& type = shard.types[index(id)];
  const SpawnStatus admitted = type.free_count == 0 ? SpawnStatus::kFull : shard.tree.admit(child);
  if (admitted != SpawnStatus::kSpawned) {
    ++type.count.spawn_full;
    return {admitted, 0, Handle{}};
  }
  const std::uint32_t slot = type.free[type.free_head];
  type.free_head = type.free_head + 1 == type.slots ? 0 : type.free_head + 1;
  --type.free_count;
  SlotMeta& meta = type.meta[slot];
  meta.state = type.table->initial;
  meta.flags = static_cast<std::uint8_t>((meta.flags & kReady) | kLive | kStarting);
  SlotRecord& record = type.records[slot];
  record.first_result = record.last_result = kNoRecord;
  record.in_flight = 0;
  record.exit = Exit::kNormal;
  record.child = child;
  record.last_deferred = kNoPlace;
  record.owns_init = false;
  begin_news(shard, type, slot);
  ++type.count.spawned;
  ++type.live;
  const Handle handle = Handle::make(shard.shard, slot, meta.generation);
  shard.tree.child_added(child, handle);
  return {SpawnStatus::kSpawned, slot, handle};
}

void enqueue_init(ShardCore& core, TypeId id, std::uint32_t slot) noexcept {
  push_ready(core, core.types[index(id)], slot);
}

void adopt_descriptor(ShardCore& core, TypeId id, std::uint32_t slot, unsigned io,
                      std::int32_t descriptor) noexcept {
  if (descriptor == core.transit_descriptor) core.transit_descriptor = -1;
  parts(core).reactor.adopt(core.types[index(id)], slot, io, descriptor);
}

Handle resolve_child(const ShardCore& core, ChildAddress address) noexcept {
  return static_cast<const ShardParts&>(core).tree.resolve(core, address.place, address.index);
}

SendResult refuse_message(TypeBlock& block, SendResult why) noexcept {
  ++(why == SendResult::kFull ? block.count.refused_full : block.count.refused_dead);
  return why;
}

void log_event(ShardCore& core, Level level, const char* event, const Field* fields,
               unsigned count) noexcept {
  const Phase phase = core.phase;
  set_phase(core, Phase::kRuntime);
  ShardParts& shard = parts(core);
  if (LogRecord* record = shard.log.reserve(); record != nullptr) {
    record->time_ns = core.now.ns + shard.wall_offset_ns;
    record->event = event;
    record->shard = static_cast<std::uint16_t>(core.shard);
    record->level = level;
    record->field_count = static_cast<std::uint8_t>(count);
    for (unsigned i = 0; i < count; ++i) record->fields[i] = fields[i];
    if (phase == Phase::kHandler) {
      const Running running = core.running.get();
      record->type = core.types[running.type].table->name;
      record->slot = running.slot;
    }
    shard.log.commit();
  }
  set_phase(core, phase);
}

bool apply_effect(ShardCore& core, TypeBlock& type, std::uint32_t slot, const EffectHead& head,
                  const StartList& starts, bool started) noexcept {
  ShardParts& shard = parts(core);
  SlotMeta& meta = type.meta[slot];
  if (head.next() == Next::kCrash) {
    crash_isolate(shard, type, slot, Fault{head.reason(), 0, {}, 0});
    return false;
  }
  if (head.next() == Next::kDone) {
    end_isolate(shard, type, slot, Exit::kNormal);
    return false;
  }
  const bool moves = started || head.next() == Next::kTransition;
  const std::uint8_t target = started ? type.table->initial : head.target();
  if (moves && type.table->states[target].final) {
    end_isolate(shard, type, slot, Exit::kNormal);
    return false;
  }
  if (moves && type.records[slot].calls > 0) {
    abandon_calls(type, slot, type.table->states[target].listed);
  }
  if (moves && type.table->connects) {
    shard.reactor.give_up_connects(shard, type, slot, type.table->states[target].listed);
  }
  for (unsigned i = 0; i < head.ops(); ++i) {
    const OpRecord& op = starts.op(i);
    if (op.op == OpCode::kYield) {
      yield_slot(shard, type, slot, op);
      continue;
    }
    const StartResult result = shard.reactor.start_operation(core, type, slot, op);
    if (result == StartResult::kStarted) continue;
    crash_isolate(shard, type, slot, Fault{name(result), 0, {}, 0});
    return false;
  }
  if (head.calls() > 0 && !start_calls(core, type, slot, starts, head.calls())) return false;
  if (!moves) return false;
  if (started) begin_running(shard, type, slot);
  meta.state = target;
  if (type.table->afters > 0) {
    start_after(shard, type, slot, type.table->states[target].after_ns, 0);
  }
  recheck_held(core, type, slot);
  return type.table->states[target].enter;
}

void begin_running(ShardParts& shard, TypeBlock& type, std::uint32_t slot) {
  SlotMeta& meta = type.meta[slot];
  meta.flags = without(meta.flags, kStarting);
  if (!type.table->timers.empty()) start_periodic_timers(shard, type, slot);
  shard.tree.child_started(type.records[slot].child);
}

std::uint32_t resume_yielded(ShardParts& shard) {
  std::uint32_t resumed = 0;
  std::uint64_t at = shard.first_yield;
  shard.first_yield = shard.last_yield = kNoYield;
  while (at != kNoYield) {
    TypeBlock& type = shard.types[at >> 32];
    const auto slot = static_cast<std::uint32_t>(at);
    ResultRecord& record = type.result(slot, type.table->yield_record);
    at = std::uint64_t{record.size} << 32 | record.done;
    record.value = 0;
    if (record.status != RecordStatus::kParked) continue;  // its isolate has ended
    push_result(shard, type, slot, type.table->yield_record);
    ++resumed;
  }
  return resumed;
}

void end_isolate(ShardParts& shard, TypeBlock& type, std::uint32_t slot, Exit exit) {
  SlotMeta& meta = type.meta[slot];
  TINA_ASSERT((meta.flags & kLive) != 0);
  const bool started = (meta.flags & kStarting) == 0;
  const std::uint32_t child = type.records[slot].child;
  ++meta.generation;
  meta.flags = static_cast<std::uint8_t>(meta.flags & kReady);
  --type.live;
  ++type.count.ended;
  if (exit == Exit::kCrashed) ++type.count.crashed;
  meta.flags |= kDraining;
  if (type.owns_nothing || take_back(shard, type, slot, exit)) {
    let_go(shard, type, slot, kDraining);
  }
  shard.tree.child_ended(shard, child, exit, started);
}

void let_go(ShardParts& shard, TypeBlock& type, std::uint32_t slot, SlotFlag why) {
  SlotMeta& meta = type.meta[slot];
  meta.flags = without(meta.flags, why);
  if ((meta.flags & (kDraining | kTelling)) == 0) release_slot(shard, type, slot);
}

void crash_isolate(ShardParts& shard, TypeBlock& type, std::uint32_t slot, const Fault& fault) {
  ++shard.counters.crashes;
  if (LogRecord* record = begin_report(shard, type, slot, LogKind::kCrash); record != nullptr) {
    record->level = Level::kError;
    record->time_ns = (fault.now_ns != 0 ? fault.now_ns : shard.now.ns) + shard.wall_offset_ns;
    record->event = fault.reason;
    record->address = fault.address;
    record->stack = fault.stack;
    record->signal = fault.signal;
    shard.log.commit();
  }
  end_isolate(shard, type, slot, Exit::kCrashed);
}

void report_slow(ShardParts& shard, const SlowHandler& slow) {
  ++shard.counters.handlers_slow;
  const Running running = shard.running.get();
  TypeBlock& type = shard.types[running.type];
  LogRecord* const record = begin_report(shard, type, running.slot, LogKind::kSlow);
  if (record == nullptr) return;
  record->level = Level::kWarning;
  record->time_ns = slow.now_ns + shard.wall_offset_ns;
  record->fields[0] = {"ms", static_cast<std::int64_t>(slow.wall_ns / 1'000'000)};
  record->fields[1] = {"cpu_ms", static_cast<std::int64_t>(slow.cpu_ns / 1'000'000)};
  record->field_count = 2;
  record->stack[0] = slow.program_counter;
  shard.log.commit();
}

void running_isolate_faulted(ShardParts& shard) {
  set_phase(shard, Phase::kRuntime);
  const Running running = shard.running.get();
  TypeBlock& type = shard.types[running.type];
  const std::uint32_t slot = running.slot;
  if (shard.trap.fault.signal != 0) ++shard.counters.memory_faults;
  TINA_ASSERT(structures_sound(shard, type, slot));
  crash_isolate(shard, type, slot, shard.trap.fault);
  if (shard.trap.fault.signal != 0 && shard.role->memory_fault == MemoryFault::kShard) {
    shard.tree.restart(shard, RestartCause::kMemoryFault);
  }
  shard.reactor.reclaim_transit(shard);
}

void uncaught_exception(ShardCore& core) noexcept {
  ShardParts& shard = parts(core);
  shard.trap.fault = Fault{"uncaught exception", 0, {}, 0};
  running_isolate_faulted(shard);
}

void ask_shutdown(ShardParts& shard, TypeBlock& type, std::uint32_t slot) {
  type.meta[slot].flags |= kShutdown;
  push_ready(shard, type, slot);
}

void on_completion(ShardParts& shard, Token token, std::int32_t value) {
  if (shard.reactor.complete(shard, token, value) == Completed::kDrained) {
    let_go(shard, shard.types[token.type()], token.slot(), kDraining);
  }
}

bool structures_sound(const ShardParts& shard, const TypeBlock& faulted, std::uint32_t slot) {
  for (unsigned i = 0; i < shard.type_count; ++i) {
    const TypeBlock& type = shard.types[i];
    if (type.table != &shard.role->types[i] || type.slots != type.table->slots) return false;
    if (type.end > 0 && (type.head >= type.end || type.tail >= type.end)) return false;
    if (type.ready_count > type.slots) return false;
    if (type.free_count + type.live > type.slots) return false;
  }
  for (std::uint32_t i = 0; i < shard.canary_count; ++i) {
    if (!whole(shard.canaries[i])) return false;
  }
  const std::uint32_t first = slot == 0 ? 0 : slot - 1;
  const std::uint32_t last = slot + 1 < faulted.slots ? slot + 1 : slot;
  for (std::uint32_t i = first; i <= last; ++i) {
    const SlotMeta& meta = faulted.meta[i];
    if (meta.state >= faulted.table->states.size() || meta.pending > faulted.mailbox) return false;
  }
  return true;
}

}  // namespace tina::internal
