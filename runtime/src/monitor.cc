// SPDX-License-Identifier: Apache-2.0
// See monitor.h. What handlers call through their context is here too.
#include "src/monitor.h"

#include "src/mailbox.h"
#include "src/remote.h"
#include "tina/layout.h"

namespace tina::internal {
namespace {

MonitorRecord& at(ShardParts& shard, std::uint32_t number) { return shard.monitors[number]; }

std::uint32_t first_of(const TypeBlock& type, std::uint32_t slot) {
  return type.monitor_base + slot * type.table->monitors;
}

bool alive(const ShardParts& shard, unsigned type, Handle who) {
  return type < shard.type_count && shard.types[type].lives(who);
}

void link(ShardParts& shard, unsigned type, Handle target, std::uint32_t number) {
  WatchRecord& watched = shard.types[type].watches[target.slot()];
  MonitorRecord& record = at(shard, number);
  record.previous = kNoPlace;
  record.next = watched.first_watcher;
  if (record.next != kNoPlace) at(shard, record.next).previous = number;
  watched.first_watcher = number;
}

void unlink(ShardParts& shard, WatchRecord& watched, std::uint32_t number) {
  const MonitorRecord& record = at(shard, number);
  (record.previous == kNoPlace ? watched.first_watcher : at(shard, record.previous).next) =
      record.next;
  if (record.next != kNoPlace) at(shard, record.next).previous = record.previous;
}

/// Gives a record back to its slot, or to the places for other shards.
void free_record(ShardParts& shard, std::uint32_t& free, std::uint32_t number) {
  MonitorRecord& record = at(shard, number);
  record.status = MonitorStatus::kFree;
  ++record.serial;
  record.next = free;
  free = number;
}

/// The record's news waits for its watcher.
void push_down(ShardParts& shard, TypeBlock& type, std::uint32_t slot, std::uint32_t number,
               sys::Why why) {
  WatchRecord& watch = type.watches[slot];
  MonitorRecord& record = at(shard, number);
  record.status = MonitorStatus::kDown;
  record.why = static_cast<std::uint8_t>(why);
  record.next = kNoPlace;
  if (watch.first_down == kNoPlace) {
    watch.first_down = number;
  } else {
    at(shard, watch.last_down).next = number;
  }
  watch.last_down = number;
  push_ready(shard, type, slot);
}

void unlink_down(ShardParts& shard, WatchRecord& watch, std::uint32_t number) {
  std::uint32_t previous = kNoPlace;
  for (std::uint32_t i = watch.first_down; i != number; i = at(shard, i).next) previous = i;
  (previous == kNoPlace ? watch.first_down : at(shard, previous).next) = at(shard, number).next;
  if (watch.last_down == number) watch.last_down = previous;
}

std::uint32_t slot_of(const TypeBlock& type, std::uint32_t number) {
  return (number - type.monitor_base) / type.table->monitors;
}

MonitorMessage message_of(const ShardParts& shard, const MonitorRecord& record,
                          std::uint32_t number) {
  const TypeBlock& type = shard.types[record.owner];
  const std::uint32_t slot = slot_of(type, number);
  return {Handle::make(shard.shard, slot, type.meta[slot].generation), record.serial, record.number,
          record.owner, 0};
}

/// Ends the monitor of a live isolate or its waiting Down; frees the record, at once or when the
/// ring to the other shard takes the news.
void end_record(ShardParts& shard, TypeBlock& type, std::uint32_t slot, std::uint32_t number) {
  WatchRecord& watch = type.watches[slot];
  MonitorRecord& record = at(shard, number);
  if (record.status == MonitorStatus::kDown) {
    unlink_down(shard, watch, number);
  } else if (record.other.shard() == shard.shard) {
    unlink(shard, shard.types[record.type].watches[record.other.slot()], number);
  } else if (!send_demonitor(shard, record.type, record.other, message_of(shard, record, number))) {
    record.status = MonitorStatus::kEnding;
    record.next = shard.ending_monitors;
    shard.ending_monitors = number;
    return;
  }
  free_record(shard, watch.free, number);
}

/// Tells some watchers of an ended slot. Returns how many.
std::uint32_t tell_some(ShardParts& shard, TypeBlock& type, std::uint32_t slot,
                        std::uint32_t most) {
  const auto why = static_cast<sys::Why>(type.records[slot].exit);
  WatchRecord& watch = type.watches[slot];
  std::uint32_t told = 0;
  for (; told < most && watch.first_watcher != kNoPlace; ++told) {
    const std::uint32_t number = watch.first_watcher;
    const MonitorRecord& record = at(shard, number);
    watch.first_watcher = record.next;
    if (record.next != kNoPlace) at(shard, record.next).previous = kNoPlace;
    if (record.owner == kNoRecord) {
      send_down(shard, record.other, record.type, record.number, {record.serial, why, {}});
      free_record(shard, shard.free_watcher, number);
    } else {
      TypeBlock& watcher = shard.types[record.owner];
      push_down(shard, watcher, slot_of(watcher, number), number, why);
    }
  }
  return told;
}

/// Slots that are telling are chained through the list of Downs, of which an ended one has none.
void set_telling_next(ShardParts& shard, std::uint64_t place, std::uint64_t next) {
  WatchRecord& watch = shard.types[place >> 32].watches[static_cast<std::uint32_t>(place)];
  watch.first_down = static_cast<std::uint32_t>(next);
  watch.last_down = static_cast<std::uint32_t>(next >> 32);
}

}  // namespace

void start_monitors(ShardParts& shard, MonitorRecord* records) {
  shard.monitors = records;
  std::uint32_t base = 0;
  for (unsigned i = 0; i < shard.type_count; ++i) {
    TypeBlock& type = shard.types[i];
    const std::uint32_t each = type.table->monitors;
    type.monitor_base = base;
    base += type.slots * each;
    if (!has_watches(*type.table)) continue;
    for (std::uint32_t slot = 0; slot < type.slots; ++slot) {
      const std::uint32_t first = first_of(type, slot);
      type.watches[slot] = {kNoPlace, each == 0 ? kNoPlace : first, kNoPlace, kNoPlace};
      for (std::uint32_t n = 0; n < each; ++n) {
        MonitorRecord& record = at(shard, first + n);
        record.next = n + 1 == each ? kNoPlace : first + n + 1;
        record.number = static_cast<std::uint16_t>(n);
        record.owner = static_cast<std::uint8_t>(i);
      }
    }
  }
  const auto places = static_cast<std::uint32_t>(monitor_places(*shard.role));
  shard.free_watcher = base < places ? base : kNoPlace;
  for (std::uint32_t number = base; number < places; ++number) {
    at(shard, number).owner = kNoRecord;
    at(shard, number).next = number + 1 == places ? kNoPlace : number + 1;
  }
}

bool take_down(ShardParts& shard, TypeBlock& type, std::uint32_t slot) {
  WatchRecord& watch = type.watches[slot];
  const std::uint32_t number = watch.first_down;
  if (number == kNoPlace) return false;
  const MonitorRecord& record = at(shard, number);
  watch.first_down = record.next;
  shard.down = {record.other, TypeId{record.type}, static_cast<sys::Why>(record.why)};
  free_record(shard, watch.free, number);
  ++type.count.downs;
  return true;
}

void end_watches(ShardParts& shard, TypeBlock& type, std::uint32_t slot, Exit exit) {
  WatchRecord& watch = type.watches[slot];
  for (std::uint32_t n = 0; n < type.table->monitors; ++n) {
    const MonitorStatus status = at(shard, first_of(type, slot) + n).status;
    if (status != MonitorStatus::kWatching && status != MonitorStatus::kDown) continue;
    end_record(shard, type, slot, first_of(type, slot) + n);
  }
  type.records[slot].exit = exit;
  tell_some(shard, type, slot, kToldAtOnce);
  if (watch.first_watcher == kNoPlace) return;
  type.meta[slot].flags |= kTelling;
  const std::uint64_t place = std::uint64_t{index(type.table->id)} << 32 | slot;
  if (shard.first_telling == kNoYield) {
    shard.first_telling = place;
  } else {
    set_telling_next(shard, shard.last_telling, place);
  }
  shard.last_telling = place;
  set_telling_next(shard, place, kNoYield);
}

std::uint32_t tell_watchers(ShardParts& shard, std::uint32_t most) {
  std::uint32_t told = 0;
  while (shard.first_telling != kNoYield && told < most) {
    TypeBlock& type = shard.types[shard.first_telling >> 32];
    const auto slot = static_cast<std::uint32_t>(shard.first_telling);
    WatchRecord& watch = type.watches[slot];
    told += 1 + tell_some(shard, type, slot, most - told);
    if (watch.first_watcher != kNoPlace) break;
    shard.first_telling = std::uint64_t{watch.last_down} << 32 | watch.first_down;
    watch.first_down = watch.last_down = kNoPlace;
    let_go(shard, type, slot, kTelling);
  }
  return told;
}

void watch_for(ShardParts& shard, unsigned type, Handle target, const MonitorMessage& message) {
  if (!alive(shard, type, target)) {
    send_down(shard, message.watcher, message.watcher_type, message.number,
              {message.serial, sys::Why::kDead, {}});
    return;
  }
  const std::uint32_t number = shard.free_watcher;
  TINA_ASSERT(number != kNoPlace);  // one for each promise of each peer
  MonitorRecord& record = at(shard, number);
  shard.free_watcher = record.next;
  record.other = message.watcher;
  record.type = message.watcher_type;
  record.number = message.number;
  record.serial = message.serial;
  record.status = MonitorStatus::kWatching;
  link(shard, type, target, number);
}

void unwatch_for(ShardParts& shard, unsigned type, Handle target, const MonitorMessage& message) {
  if (!alive(shard, type, target)) return;  // its Down is on its way
  WatchRecord& watched = shard.types[type].watches[target.slot()];
  for (std::uint32_t i = watched.first_watcher; i != kNoPlace; i = at(shard, i).next) {
    const MonitorRecord& record = at(shard, i);
    // The watcher's generation may have grown while its end waited for a place in the ring.
    if (record.owner != kNoRecord || record.other.shard() != message.watcher.shard() ||
        record.other.slot() != message.watcher.slot() || record.type != message.watcher_type ||
        record.number != message.number || record.serial != message.serial) {
      continue;
    }
    unlink(shard, watched, i);
    free_record(shard, shard.free_watcher, i);
    // Nobody waits for this one; it gives the promised place back.
    send_down(shard, message.watcher, message.watcher_type, message.number,
              {message.serial, sys::Why::kNormal, {}});
    return;
  }
}

void down_from(ShardParts& shard, unsigned watcher_type, Handle watcher, std::uint16_t number,
               const DownMessage& message) {
  TINA_ASSERT(watcher_type < shard.type_count);
  TypeBlock& type = shard.types[watcher_type];
  TINA_ASSERT(watcher.slot() < type.slots && number < type.table->monitors);
  const std::uint32_t place = first_of(type, watcher.slot()) + number;
  const MonitorRecord& record = at(shard, place);
  if (record.serial != message.serial || record.status != MonitorStatus::kWatching) return;
  push_down(shard, type, watcher.slot(), place, message.why);
}

bool end_monitors_towards(ShardParts& shard, ShardId peer, std::uint32_t& next) {
  const auto records = static_cast<std::uint32_t>(own_monitors(*shard.role));
  for (std::uint32_t left = kToldPerPass; next < records; ++next, --left) {
    if (left == 0) return true;
    const MonitorRecord& record = at(shard, next);
    if (record.status != MonitorStatus::kWatching || record.other.shard() != peer) continue;
    TypeBlock& type = shard.types[record.owner];
    push_down(shard, type, slot_of(type, next), next, sys::Why::kQuarantined);
  }
  return false;
}

std::uint32_t send_ending(ShardParts& shard) {
  std::uint32_t sent = 0;
  std::uint32_t number = shard.ending_monitors;
  shard.ending_monitors = kNoPlace;
  while (number != kNoPlace) {
    MonitorRecord& record = at(shard, number);
    const std::uint32_t next = record.next;
    TypeBlock& type = shard.types[record.owner];
    const bool gone = shard.peers[index(record.other.shard())]->state.read().over();
    if (gone ||
        send_demonitor(shard, record.type, record.other, message_of(shard, record, number))) {
      free_record(shard, type.watches[slot_of(type, number)].free, number);
      ++sent;
    } else {
      record.next = shard.ending_monitors;
      shard.ending_monitors = number;
    }
    number = next;
  }
  return sent;
}

MonitorResult start_monitor(ShardCore& core, TypeId id, Handle target) noexcept {
  set_phase(core, Phase::kRuntime);
  ShardParts& shard = parts(core);
  const Running running = core.running.get();
  TypeBlock& mine = core.types[running.type];
  const std::uint32_t slot = running.slot;
  WatchRecord& watch = mine.watches[slot];
  const std::uint32_t number = watch.free;
  MonitorResult result = MonitorResult::kFull;
  if (number != kNoPlace) {
    MonitorRecord& record = at(shard, number);
    const std::uint32_t next = record.next;
    record.other = target;
    record.type = static_cast<std::uint8_t>(index(id));
    const bool here = target.shard() == core.shard;
    const Failure sent =
        here ? kNoFailure
             : send_monitor(shard, index(id), target, message_of(shard, record, number));
    if (sent == kNoFailure && (!here || alive(shard, index(id), target))) {
      watch.free = next;
      record.status = MonitorStatus::kWatching;
      if (here) link(shard, index(id), target, number);
      result = MonitorResult::kWatching;
    } else if (sent != Failure::kRingFull) {
      watch.free = next;
      push_down(shard, mine, slot, number,
                sent == Failure::kQuarantined ? sys::Why::kQuarantined : sys::Why::kDead);
      result = MonitorResult::kWatching;
    }
  }
  set_phase(core, Phase::kHandler);
  return result;
}

bool end_monitor(ShardCore& core, TypeId id, Handle target) noexcept {
  set_phase(core, Phase::kRuntime);
  ShardParts& shard = parts(core);
  const Running running = core.running.get();
  TypeBlock& mine = core.types[running.type];
  const std::uint32_t slot = running.slot;
  bool ended = false;
  for (std::uint32_t n = 0; n < mine.table->monitors; ++n) {
    const std::uint32_t number = first_of(mine, slot) + n;
    const MonitorRecord& record = at(shard, number);
    const bool active =
        record.status == MonitorStatus::kWatching || record.status == MonitorStatus::kDown;
    if (!active || record.other != target || record.type != index(id)) continue;
    end_record(shard, mine, slot, number);
    ended = true;
  }
  set_phase(core, Phase::kHandler);
  return ended;
}

}  // namespace tina::internal
