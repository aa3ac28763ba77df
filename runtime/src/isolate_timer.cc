// SPDX-License-Identifier: Apache-2.0
// See isolate_timer.h. What handlers arm and cancel through their context is here too.
#include "src/isolate_timer.h"

#include "src/call.h"
#include "src/mailbox.h"
#include "tina/layout.h"

namespace tina::internal {
namespace {

/// The wheel's timers of a slot lie together: the state timeouts first, then the named ones.
std::uint32_t first_timer(const TypeBlock& type, std::uint32_t slot) {
  return type.timer_base + slot * type.timers_per_slot;
}

std::uint32_t named_timer(const TypeBlock& type, std::uint32_t slot, unsigned timer) {
  return first_timer(type, slot) + type.table->afters + timer;
}

/// Takes a result back that has not been handled. True if there was one.
bool withdraw_result(TypeBlock& type, std::uint32_t slot, std::uint8_t record) {
  if (type.result(slot, record).status != RecordStatus::kReady) return false;
  unlink_result(type, slot, record);
  return true;
}

/// The `mark` of a timer's node: it has fired since somebody last looked, so that its result may
/// be waiting. A named timer that has not fired is armed and cancelled in the wheel alone, without
/// a look at its record: that would be a cache miss more.
constexpr std::uint8_t kHasFired = 1;

/// The tick at which a state timeout ends, in a field that its record does not use; 0: none runs.
/// Its timer fires then or earlier.
std::uint64_t due_of(const ResultRecord& record) {
  return reinterpret_cast<std::uintptr_t>(record.data);
}
void set_due(ResultRecord& record, std::uint64_t tick) {
  record.data = reinterpret_cast<const std::byte*>(tick);
}

/// The record of state timeout `level`.
std::uint8_t after_record(const TypeBlock& type, std::uint8_t level) {
  return static_cast<std::uint8_t>(type.table->after_record + level);
}

/// The timer of a state timeout has fired. False: the state has been left, or entered again since,
/// and the timeout is later.
bool after_ends(ShardParts& shard, std::uint32_t timer, ResultRecord& record) {
  const std::uint64_t due = due_of(record);
  if (due > shard.timers[timer].expires_tick) {
    shard.wheel->arm(timer, due);
    return false;
  }
  set_due(record, 0);
  return due != 0;
}

/// Withdraws what a timer has done since it was armed. True if that has not been handled.
[[gnu::noinline]] bool forget_fires(TypeBlock& type, std::uint32_t slot, TimerNode& node,
                                    std::uint8_t record) {
  node.mark = 0;
  const bool waited = withdraw_result(type, slot, record);
  type.result(slot, record).done = 0;
  return waited;
}

}  // namespace

std::uint64_t tick_after(const ShardParts& shard, std::int64_t delay_ns) {
  return shard.tick_from(shard.now.ns + static_cast<std::uint64_t>(delay_ns > 0 ? delay_ns : 0));
}

void leave_after(ShardParts& shard, TypeBlock& type, std::uint32_t slot, std::uint8_t level) {
  start_after(shard, type, slot, 0, level);
}

void cancel_after(ShardParts& shard, TypeBlock& type, std::uint32_t slot, std::uint8_t level) {
  shard.wheel->cancel(first_timer(type, slot) + level);
  leave_after(shard, type, slot, level);
}

void start_after(ShardParts& shard, TypeBlock& type, std::uint32_t slot, std::int64_t after_ns,
                 std::uint8_t level) {
  const std::uint32_t timer = first_timer(type, slot) + level;
  TimerNode& node = shard.timers[timer];
  const std::uint8_t record = after_record(type, level);
  if (node.mark != 0) forget_fires(type, slot, node, record);
  const std::uint64_t due = after_ns == 0 ? 0 : tick_after(shard, after_ns);
  set_due(type.result(slot, record), due);
  if (due != 0 && (node.place == 0 || node.expires_tick > due)) shard.wheel->arm(timer, due);
}

void start_periodic_timers(ShardParts& shard, TypeBlock& type, std::uint32_t slot) {
  for (unsigned i = 0; i < type.table->timers.size(); ++i) {
    const std::int64_t period_ns = type.table->timers[i].period_ns;
    if (period_ns == 0) continue;
    shard.wheel->arm(named_timer(type, slot, i), tick_after(shard, period_ns));
  }
}

void cancel_named_timers(ShardParts& shard, TypeBlock& type, std::uint32_t slot) {
  for (unsigned i = 0; i < type.table->timers.size(); ++i) {
    const std::uint32_t timer = named_timer(type, slot, i);
    shard.wheel->cancel(timer);
    TimerNode& node = shard.timers[timer];
    if (node.mark != 0) forget_fires(type, slot, node, type.table->timers[i].record);
  }
}

void expect_timer(const ShardParts& shard, std::uint32_t timer, std::uint32_t later) {
  const TypeBlock& type = shard.types[shard.timers[timer].type];
  __builtin_prefetch(&shard.timers[later].place, 1);
  const std::uint32_t slot = (later - type.timer_base) / type.timers_per_slot;
  if (slot >= type.slots) return;
  __builtin_prefetch(&type.meta[slot], 1);
  __builtin_prefetch(&type.records[slot], 1);
  __builtin_prefetch(&type.results[std::size_t{slot} * type.results_per_slot], 1);
}

void on_timer(ShardParts& shard, std::uint32_t timer) {
  TypeBlock& type = shard.types[shard.timers[timer].type];
  const std::uint32_t slot = (timer - type.timer_base) / type.timers_per_slot;
  const std::uint32_t place = timer - first_timer(type, slot);
  if (place < type.table->afters) {
    const std::uint8_t after = after_record(type, static_cast<std::uint8_t>(place));
    ResultRecord& record = type.result(slot, after);
    if (!after_ends(shard, timer, record)) return;
    shard.timers[timer].mark = kHasFired;
    record.completion = static_cast<std::uint8_t>(type.table->after_completion + place);
    push_result(shard, type, slot, after);
    return;
  }
  shard.timers[timer].mark = kHasFired;
  const std::uint32_t limits = type.timers_per_slot - type.table->calls - type.table->open;
  if (place >= limits + type.table->calls) {
    open_limit_passed(shard, type, slot, place - limits - type.table->calls);
    return;
  }
  if (place >= limits) {
    call_limit_passed(shard, type, slot, place - limits);
    return;
  }
  const TimerTable& table = type.table->timers[place - type.table->afters];
  ResultRecord& record = type.result(slot, table.record);
  record.completion = table.completion;
  if (record.status == RecordStatus::kReady) {
    ++record.done;  // coalesces with the one that has not been handled
  } else {
    push_result(shard, type, slot, table.record);
  }
  if (table.period_ns == 0) return;
  const std::uint64_t now = shard.tick_of(shard.now.ns);
  const std::uint64_t period = shard.tick_from(static_cast<std::uint64_t>(table.period_ns));
  // The rhythm is kept from tick to tick, not from handling to handling; what has passed is missed.
  std::uint64_t next = shard.timers[timer].expires_tick + period;
  if (next <= now) {
    const std::uint64_t late = (now - next) / period + 1;
    record.done += static_cast<std::uint32_t>(late);
    next += late * period;
  }
  shard.wheel->arm(timer, next);
}

void arm_timer(ShardCore& core, TypeId id, std::uint32_t slot, unsigned timer,
               Duration delay) noexcept {
  set_phase(core, Phase::kRuntime);
  ShardParts& shard = parts(core);
  TypeBlock& type = core.types[index(id)];
  const std::uint32_t place = named_timer(type, slot, timer);
  if (TimerNode& node = shard.timers[place]; node.mark != 0) {
    forget_fires(type, slot, node, type.table->timers[timer].record);
  }
  shard.wheel->arm(place, tick_after(shard, delay.count()));
  set_phase(core, Phase::kHandler);
}

bool cancel_timer(ShardCore& core, TypeId id, std::uint32_t slot, unsigned timer) noexcept {
  set_phase(core, Phase::kRuntime);
  ShardParts& shard = parts(core);
  TypeBlock& type = core.types[index(id)];
  const std::uint32_t place = named_timer(type, slot, timer);
  const bool armed = shard.wheel->cancel(place);
  TimerNode& node = shard.timers[place];
  const bool due =
      node.mark != 0 && forget_fires(type, slot, node, type.table->timers[timer].record);
  set_phase(core, Phase::kHandler);
  return armed || due;
}

}  // namespace tina::internal
