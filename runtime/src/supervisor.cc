// SPDX-License-Identifier: Apache-2.0
// See supervisor.h: the records, what happens to children, and what a supervisor decides then.
#include "src/supervisor.h"

#include "src/arena.h"
#include "src/isolate.h"
#include "tina/layout.h"

namespace tina::internal {
namespace {

static_assert(sizeof(ChildRecord) == kChildRecordSize);
static_assert(sizeof(SupervisorRecord) <= kSupervisorRecordSize);

/// What one pass does at most for supervision: isolates started, asked or killed, and records or
/// slots looked at. Bounds a pass, not a tree.
constexpr std::uint32_t kActionsPerPass = 256;
constexpr std::uint32_t kVisitsPerPass = 4096;

constexpr std::uint8_t kRowMax = 62;  // of restarts: the longest wait is reached long before

}  // namespace

std::uint64_t SupervisionTree::now_ns(const ShardParts& shard) { return shard.now.ns; }

void SupervisionTree::start(const RoleTable& role, const ShardRegions& regions) {
  tables_ = role.supervisors;
  children_ = reinterpret_cast<ChildRecord*>(regions.children);
  supervisors_ = reinterpret_cast<SupervisorRecord*>(regions.supervisors);
  window_ = reinterpret_cast<std::uint64_t*>(regions.restart_window);
  std::size_t places = 0;
  for (const SupervisorTable& table : tables_) places += table.children.size();
  places_ = {reinterpret_cast<std::uint32_t*>(regions.places), places};
  for (std::uint32_t& place : places_) place = kNoChild;
  root_ = static_cast<std::uint16_t>(root_index(role));
  std::uint32_t children = 0;
  std::uint32_t window = 0;
  for_each_supervisor(role, root_,
                      [&](std::size_t index) { number(role, index, children, window); });
  supervisors_[root_].self = kNoChild;
  for (std::uint32_t i = 0; i < children; ++i) {
    const ChildTable& child = table(children_[i]);
    if (child.supervisor != kNoSupervisor) supervisors_[child.supervisor].self = i;
  }
  phase_ = TreePhase::kBooting;
  begin_start(root_);
}

void SupervisionTree::number(const RoleTable& role, std::size_t index, std::uint32_t& children,
                             std::uint32_t& window) {
  const SupervisorTable& table = role.supervisors[index];
  SupervisorRecord& supervisor = supervisors_[index];
  supervisor.first = children;
  supervisor.window_first = window;
  window += table.restarts;
  for (std::size_t i = 0; i < table.children.size(); ++i) {
    const auto place = static_cast<std::uint16_t>(table.first_place + i);
    places_[place] = children;
    for (std::uint32_t n = child_records(table.children[i]); n > 0; --n) {
      ChildRecord& child = children_[children++];
      child.supervisor = static_cast<std::uint16_t>(index);
      child.place = place;
      child.next = child.slot = kNoChild;
    }
  }
  supervisor.count = children - supervisor.first;
}

std::uint32_t SupervisionTree::record_of(std::uint16_t place, std::uint32_t index) const {
  if (place >= places_.size() || places_[place] == kNoChild) return kNoChild;
  const ChildRecord& first = children_[places_[place]];
  return index < child_records(table(first)) ? places_[place] + index : kNoChild;
}

Handle SupervisionTree::resolve(const ShardCore& core, std::uint16_t place,
                                std::uint32_t index) const {
  const std::uint32_t record = record_of(place, index);
  if (record == kNoChild || children_[record].live == 0) return Handle{};
  const ChildRecord& child = children_[record];
  const ChildTable& row = table(child);
  if (row.dynamic || row.supervisor != kNoSupervisor) return Handle{};
  const TypeBlock& type = core.types[tina::index(row.type)];
  return Handle::make(core.shard, child.slot, type.meta[child.slot].generation);
}

std::uint32_t SupervisionTree::restarts_left(std::uint32_t record, std::uint64_t now) const {
  const std::uint16_t index = children_[record].supervisor;
  const auto window_ns = static_cast<std::uint64_t>(tables_[index].window_ns);
  const SupervisorRecord& supervisor = supervisors_[index];
  std::uint32_t recent = 0;
  for (std::uint32_t i = 0; i < supervisor.window_count; ++i) {
    if (now - window_[supervisor.window_first + i] <= window_ns) ++recent;
  }
  return tables_[index].restarts - recent;
}

SpawnStatus SupervisionTree::admit(std::uint32_t record) const {
  if (record == kNoChild) return SpawnStatus::kQuarantined;
  const ChildRecord& child = children_[record];
  const SupervisorPhase phase = supervisors_[child.supervisor].phase;
  if (phase != SupervisorPhase::kStarting && phase != SupervisorPhase::kRunning) {
    return SpawnStatus::kQuarantined;
  }
  return child.live < table(child).max ? SpawnStatus::kSpawned : SpawnStatus::kFull;
}

void SupervisionTree::child_added(std::uint32_t record, Handle handle) {
  ++children_[record].live;
  children_[record].slot = handle.slot();
}

void SupervisionTree::child_started(std::uint32_t record) {
  ChildRecord& child = children_[record];
  if (table(child).dynamic) return;
  if (child.phase == ChildPhase::kStarting) set_phase(child, ChildPhase::kRunning);
  queue(child.supervisor);
}

void SupervisionTree::child_ended(ShardParts& shard, std::uint32_t record, Exit exit,
                                  bool started) {
  ChildRecord& child = children_[record];
  dirty_ = true;
  --child.live;
  if (!table(child).dynamic) {
    gone(shard, record, exit, started);
  } else if (supervisors_[child.supervisor].phase == SupervisorPhase::kStopping) {
    queue(child.supervisor);
  }
}

/// A static child or a nested supervisor has ended.
void SupervisionTree::gone(ShardParts& shard, std::uint32_t record, Exit exit, bool started) {
  ChildRecord& child = children_[record];
  const ChildTable& row = table(child);
  SupervisorRecord& supervisor = supervisors_[child.supervisor];
  queue(child.supervisor);
  const bool crashed = exit == Exit::kCrashed;
  const bool again =
      row.restart == Restart::kPermanent || (row.restart == Restart::kTransient && crashed);
  // Whom its supervisor is stopping anyway is not counted, whatever it ended of.
  if (supervisor.phase == SupervisorPhase::kStopping &&
      record - supervisor.first >= supervisor.floor) {
    set_phase(child, ChildPhase::kEnded);
  } else if (!started && !crashed) {
    set_phase(child, ChildPhase::kEnded);  // `done()` from on_init: nothing to run (OTP: ignore)
  } else if (again) {
    fail(shard, child);
  } else {
    set_phase(child, ChildPhase::kEnded);
    supervisor.significant_ended = supervisor.significant_ended || row.significant;
    if (supervisor.phase == SupervisorPhase::kRunning) {
      end_if_significant(supervisor, child.supervisor);
    }
  }
}

/// A child that is to be restarted has ended: counts it, and decides who is restarted with it.
void SupervisionTree::fail(ShardParts& shard, ChildRecord& child) {
  const ChildTable& row = table(child);
  const std::uint64_t now = shard.now.ns;
  set_phase(child, ChildPhase::kWaiting);
  ++child.restarts;
  ++shard.counters.restarts;
  if (row.supervisor == kNoSupervisor) ++shard.types[index(row.type)].count.restarted;
  if (exceeds_intensity(child.supervisor, now)) {
    give_up(shard, child.supervisor);
    return;
  }
  const auto record = static_cast<std::uint32_t>(&child - children_);
  const Field fields[] = {{"child", child.place},
                          {"index", record - places_[child.place]},
                          {"restarts", child.restarts}};
  log_event(shard, Level::kWarning, "child_restarts", fields, 3);
  SupervisorRecord& supervisor = supervisors_[child.supervisor];
  const std::uint32_t at = record - supervisor.first;
  const Strategy strategy = tables_[child.supervisor].strategy;
  child.at_ns = now + backoff(child, now);
  if (strategy != Strategy::kOneForOne) {
    const std::uint32_t floor = strategy == Strategy::kOneForAll ? 0 : at;
    const bool stopping = supervisor.phase == SupervisorPhase::kStopping;
    supervisor.floor = stopping && supervisor.floor < floor ? supervisor.floor : floor;
    if (!stopping || supervisor.start_ns < child.at_ns) supervisor.start_ns = child.at_ns;
    if (stopping) return;
    supervisor.phase = SupervisorPhase::kStopping;
    supervisor.starts_again = true;
    supervisor.cursor = supervisor.ahead = supervisor.count;
  } else if (supervisor.phase == SupervisorPhase::kStarting) {
    if (at < supervisor.cursor) supervisor.cursor = at;
  } else {
    child.next = kNoChild;
    (supervisor.waiting_count++ == 0 ? supervisor.waiting_first
                                     : children_[supervisor.waiting_last].next) = record;
    supervisor.waiting_last = record;
  }
}

bool SupervisionTree::exceeds_intensity(std::uint16_t of, std::uint64_t now) {
  const SupervisorTable& table = tables_[of];
  if (table.restarts == 0) return true;
  SupervisorRecord& supervisor = supervisors_[of];
  std::uint64_t* const ring = window_ + supervisor.window_first;
  const std::uint64_t oldest = ring[supervisor.window_next];
  const bool full = supervisor.window_count == table.restarts;
  if (full && now - oldest <= static_cast<std::uint64_t>(table.window_ns)) return true;
  ring[supervisor.window_next] = now;
  supervisor.window_next =
      supervisor.window_next + 1 == table.restarts ? 0 : supervisor.window_next + 1;
  if (!full) ++supervisor.window_count;
  return false;
}

/// How long a child waits for its restart: doubled with each one in a row. A row ends when the
/// child has run for a whole window.
std::uint64_t SupervisionTree::backoff(ChildRecord& child, std::uint64_t now) const {
  const SupervisorTable& table = tables_[child.supervisor];
  if (table.backoff_min_ns == 0) return 0;
  if (now - child.at_ns > static_cast<std::uint64_t>(table.window_ns)) {
    child.restarts_in_row = 0;
  }
  const auto shortest = static_cast<std::uint64_t>(table.backoff_min_ns);
  const auto longest = static_cast<std::uint64_t>(table.backoff_max_ns);
  const unsigned row = child.restarts_in_row;
  if (row < kRowMax) ++child.restarts_in_row;
  return shortest > longest >> row ? longest : shortest << row;
}

void SupervisionTree::give_up(ShardParts& shard, std::uint16_t of) {
  const SupervisorTable& table = tables_[of];
  const Field fields[] = {
      {"supervisor", of}, {"restarts", table.restarts}, {"window_ms", table.window_ns / 1'000'000}};
  if (table.on_intensity == OnIntensity::kEscalate && of != root_) {
    log_event(shard, Level::kError, "supervisor_escalates", fields, 3);
    begin_stop(of, Exit::kCrashed);
    return;
  }
  if (table.on_intensity == OnIntensity::kEscalate && came_up_) {
    restart(shard, RestartCause::kEscalated);
    return;
  }
  shard.abort_order = table.on_intensity == OnIntensity::kAbort;
  log_event(shard, Level::kError, shard.abort_order ? "shard_aborts" : "shard_quarantined", fields,
            3);
  shard.boot_failed = !came_up_;
  kill_all(TreePhase::kQuarantining);
}

void SupervisionTree::end_if_significant(SupervisorRecord& supervisor, std::uint16_t of) {
  if (!supervisor.significant_ended) return;
  const AutoShutdown automatic = tables_[of].auto_shutdown;
  if (automatic == AutoShutdown::kAny ||
      (automatic == AutoShutdown::kAll && supervisor.significant == 0)) {
    if (of == root_) phase_ = TreePhase::kStopping;
    begin_stop(of, Exit::kNormal);
  }
}

/// Keeps count of the significant children that run, or will run without anybody's doing.
void SupervisionTree::set_phase(ChildRecord& child, ChildPhase phase) {
  const auto counts = [](ChildPhase p) {
    return p != ChildPhase::kIdle && p != ChildPhase::kEnded;
  };
  if (table(child).significant) {
    std::uint32_t& count = supervisors_[child.supervisor].significant;
    count +=
        static_cast<std::uint32_t>(counts(phase)) - static_cast<std::uint32_t>(counts(child.phase));
  }
  child.phase = phase;
}

void SupervisionTree::queue(std::uint16_t of) {
  dirty_ = true;
  SupervisorRecord& supervisor = supervisors_[of];
  if (supervisor.queued) return;
  supervisor.queued = true;
  supervisor.next_queued = kNoSupervisor;
  (queued_first_ == kNoSupervisor ? queued_first_ : supervisors_[queued_last_].next_queued) = of;
  queued_last_ = of;
}

void SupervisionTree::wake_at(SupervisorRecord& supervisor, std::uint64_t due_ns) {
  if (supervisor.due_ns != 0 && supervisor.due_ns <= due_ns) return;
  supervisor.due_ns = due_ns;
  deadline_moved_ = true;
}

bool SupervisionTree::may_visit() {
  if (visits_ == 0) return false;
  --visits_;
  return true;
}

bool SupervisionTree::may_act() {
  if (actions_ == 0) return false;
  --actions_;
  return true;
}

void SupervisionTree::work(ShardParts& shard) {
  const bool due = deadline_ns_ != 0 && shard.now.ns >= deadline_ns_;
  const bool freed = slot_freed_;
  dirty_ = slot_freed_ = false;
  visits_ = kVisitsPerPass;
  actions_ = kActionsPerPass;
  if (due || freed) {
    for (std::uint16_t i = 0; i < tables_.size(); ++i) {
      SupervisorRecord& supervisor = supervisors_[i];
      const bool late = supervisor.due_ns != 0 && shard.now.ns >= supervisor.due_ns;
      if (late || (freed && supervisor.blocked)) queue(i);
    }
  }
  // Who is queued meanwhile has its turn in the next pass.
  std::uint16_t next = queued_first_;
  queued_first_ = queued_last_ = kNoSupervisor;
  dirty_ = false;
  while (next != kNoSupervisor) {
    SupervisorRecord& supervisor = supervisors_[next];
    const std::uint16_t current = next;
    next = supervisor.next_queued;
    supervisor.queued = false;
    work_on(shard, current);
  }
  end_tree(shard);
  if (!deadline_moved_ && !due) return;
  deadline_moved_ = false;
  deadline_ns_ = 0;
  for (std::uint16_t i = 0; i < tables_.size(); ++i) {
    const std::uint64_t at = supervisors_[i].due_ns;
    if (at != 0 && (deadline_ns_ == 0 || at < deadline_ns_)) deadline_ns_ = at;
  }
}

void SupervisionTree::work_on(ShardParts& shard, std::uint16_t of) {
  SupervisorRecord& supervisor = supervisors_[of];
  if (supervisor.due_ns != 0) {
    supervisor.due_ns = 0;
    deadline_moved_ = true;
  }
  supervisor.blocked = false;
  switch (supervisor.phase) {
    case SupervisorPhase::kStarting:
      start_some(shard, of);
      break;
    case SupervisorPhase::kRunning:
      start_waiting(shard, of);
      break;
    case SupervisorPhase::kStopping:
      stop_some(shard, of);
      break;
    case SupervisorPhase::kOff:
      break;
  }
}

}  // namespace tina::internal
