// SPDX-License-Identifier: Apache-2.0
// See supervisor.h.
#include "src/supervisor.h"

#include "src/isolate.h"

namespace tina::internal {
namespace {

/// Slots of a group that one pass asks to end or kills: bounds a pass, not the group.
constexpr std::uint32_t kStopPerPass = 256;

void log_child(ShardParts& shard, Level level, const char* event, unsigned place,
               std::uint32_t restarts) {
  const Field fields[] = {{"child", place}, {"restarts", restarts}};
  log_event(shard, level, event, fields, 2);
}

}  // namespace

std::uint64_t Supervisor::now_ns(const ShardParts& shard) { return shard.now.ns; }

SpawnStatus Supervisor::admit(unsigned place) const {
  TINA_ASSERT(place < table_->children.size());
  if (phase_ != SupervisorPhase::kBooting && phase_ != SupervisorPhase::kRunning) {
    return SpawnStatus::kQuarantined;
  }
  return children_[place].live < table_->children[place].max ? SpawnStatus::kSpawned
                                                             : SpawnStatus::kFull;
}

void Supervisor::child_added(unsigned place, Handle handle) {
  ++children_[place].live;
  children_[place].current = handle;
}

void Supervisor::child_started(unsigned place) {
  if (table_->children[place].dynamic) return;
  children_[place].phase = ChildPhase::kRunning;
  dirty_ = true;
}

void Supervisor::child_ended(ShardParts& shard, unsigned place, Exit exit, bool started) {
  ChildRecord& record = children_[place];
  const ChildTable& child = table_->children[place];
  --record.live;
  dirty_ = true;
  if (child.dynamic) return;
  record.phase = ChildPhase::kEnded;
  if (phase_ != SupervisorPhase::kBooting && phase_ != SupervisorPhase::kRunning) return;
  const bool crashed = exit == Exit::kCrashed;
  // `done()` from on_init means that there is nothing to run here (OTP: ignore), not that it ended.
  if (!started && !crashed) return;
  if (child.restart == Restart::kTemporary) return;
  if (child.restart == Restart::kTransient && !crashed) return;
  ++record.restarts;
  ++shard.counters.restarts;
  ++shard.types[index(child.type)].count.restarted;
  if (exceeds_intensity(shard.now.ns)) {
    give_up(shard);
    return;
  }
  record.phase = ChildPhase::kWaiting;
  log_child(shard, Level::kWarning, "child_restarts", place, record.restarts);
}

bool Supervisor::exceeds_intensity(std::uint64_t now) {
  if (table_->restarts == 0) return true;
  const std::uint64_t oldest = window_[window_next_];
  const bool full = window_count_ == table_->restarts;
  if (full && now - oldest <= static_cast<std::uint64_t>(table_->window_ns)) return true;
  window_[window_next_] = now;
  window_next_ = window_next_ + 1 == table_->restarts ? 0 : window_next_ + 1;
  if (!full) ++window_count_;
  return false;
}

void Supervisor::give_up(ShardParts& shard) {
  const Field fields[] = {{"restarts", table_->restarts},
                          {"window_ms", table_->window_ns / 1'000'000}};
  log_event(shard, Level::kError,
            table_->on_intensity == OnIntensity::kAbort ? "shard_aborts" : "shard_quarantined",
            fields, 2);
  shard.boot_failed = phase_ == SupervisorPhase::kBooting;
  shard.abort_order = table_->on_intensity == OnIntensity::kAbort;
  phase_ = SupervisorPhase::kQuarantining;
  cursor_ = 0;
  for (unsigned i = 0; i < table_->children.size(); ++i) children_[i].scan = 0;
}

void Supervisor::stop() {
  if (phase_ != SupervisorPhase::kBooting && phase_ != SupervisorPhase::kRunning) return;
  phase_ = SupervisorPhase::kStopping;
  cursor_ = static_cast<std::uint32_t>(table_->children.size());
  for (unsigned i = 0; i < table_->children.size(); ++i) {
    children_[i].scan = 0;
    children_[i].deadline_ns = 0;
  }
  dirty_ = true;
}

void Supervisor::work(ShardParts& shard) {
  dirty_ = false;
  deadline_ns_ = 0;
  switch (phase_) {
    case SupervisorPhase::kBooting:
      boot(shard);
      break;
    case SupervisorPhase::kRunning:
      restart_waiting(shard);
      break;
    case SupervisorPhase::kStopping:
      stop_step(shard);
      break;
    case SupervisorPhase::kQuarantining: {
      bool empty = true;
      for (unsigned i = 0; i < table_->children.size(); ++i) {
        kill_some(shard, i);
        empty = empty && children_[i].live == 0;
      }
      if (empty && shard.reactor.in_flight() == 0) phase_ = SupervisorPhase::kQuarantined;
      break;
    }
    case SupervisorPhase::kIdle:
    case SupervisorPhase::kStopped:
    case SupervisorPhase::kQuarantined:
      break;
  }
}

void Supervisor::boot(ShardParts& shard) {
  for (; cursor_ < table_->children.size(); ++cursor_) {
    const ChildPhase child = children_[cursor_].phase;
    if (table_->children[cursor_].dynamic) continue;
    if (child == ChildPhase::kRunning || child == ChildPhase::kEnded) continue;
    if (child != ChildPhase::kStarting) start_child(shard, cursor_);
    return;  // the next one starts when this one's init has returned
  }
  phase_ = SupervisorPhase::kRunning;
  log_event(shard, Level::kInfo, "serving", nullptr, 0);
}

void Supervisor::restart_waiting(ShardParts& shard) {
  for (unsigned i = 0; i < table_->children.size(); ++i) {
    if (children_[i].phase == ChildPhase::kWaiting) start_child(shard, i);
  }
}

bool Supervisor::start_child(ShardParts& shard, unsigned place) {
  const ChildTable& child = table_->children[place];
  TypeBlock& type = shard.types[index(child.type)];
  children_[place].phase = ChildPhase::kWaiting;
  if (type.free_count == 0) return false;  // its slot waits for a last completion, which touches us
  const Reserved reserved = reserve_slot(shard, child.type, static_cast<std::uint16_t>(place));
  TINA_ASSERT(reserved.status == SpawnStatus::kSpawned);
  child.make_init(shard.config, shard.shard, type.init(reserved.slot));
  children_[place].phase = ChildPhase::kStarting;
  enqueue_init(shard, child.type, reserved.slot);
  return true;
}

void Supervisor::stop_step(ShardParts& shard) {
  while (cursor_ > 0) {
    const unsigned place = cursor_ - 1;
    const bool stopped =
        table_->children[place].dynamic ? stop_group(shard, place) : stop_static(shard, place);
    if (!stopped) return;
    --cursor_;
  }
  // Sockets that were shut down may still have operations in the kernel.
  if (shard.reactor.in_flight() == 0) phase_ = SupervisorPhase::kStopped;
}

bool Supervisor::stop_static(ShardParts& shard, unsigned place) {
  ChildRecord& record = children_[place];
  const ChildTable& child = table_->children[place];
  if (record.live == 0) return true;
  TypeBlock& type = shard.types[index(child.type)];
  const std::uint32_t slot = record.current.slot();
  if (record.deadline_ns == 0 && child.shutdown_ns > 0) {
    record.deadline_ns = shard.now.ns + static_cast<std::uint64_t>(child.shutdown_ns);
    ask_shutdown(shard, type, slot);
  } else if (shard.now.ns >= record.deadline_ns) {
    log_child(shard, Level::kWarning, "child_killed", place, record.restarts);
    end_isolate(shard, type, slot, Exit::kKilled);
    return true;
  }
  deadline_ns_ = record.deadline_ns;
  return false;
}

bool Supervisor::stop_group(ShardParts& shard, unsigned place) {
  ChildRecord& record = children_[place];
  const ChildTable& child = table_->children[place];
  if (record.live == 0) return true;
  TypeBlock& type = shard.types[index(child.type)];
  if (record.deadline_ns == 0) {
    record.deadline_ns = shard.now.ns + static_cast<std::uint64_t>(child.shutdown_ns);
    record.scan = 0;
  }
  if (shard.now.ns >= record.deadline_ns) {
    if (record.scan >= type.slots) record.scan = 0;
    kill_some(shard, place);
    return record.live == 0;
  }
  for (std::uint32_t n = 0; n < kStopPerPass && record.scan < type.slots; ++n, ++record.scan) {
    const SlotMeta& meta = type.meta[record.scan];
    if ((meta.flags & kLive) == 0 || type.records[record.scan].child != place) continue;
    ask_shutdown(shard, type, record.scan);
  }
  dirty_ = record.scan < type.slots;
  deadline_ns_ = record.deadline_ns;
  return false;
}

void Supervisor::kill_some(ShardParts& shard, unsigned place) {
  ChildRecord& record = children_[place];
  TypeBlock& type = shard.types[index(table_->children[place].type)];
  for (std::uint32_t n = 0; n < kStopPerPass && record.scan < type.slots; ++n, ++record.scan) {
    const SlotMeta& meta = type.meta[record.scan];
    if ((meta.flags & kLive) == 0 || type.records[record.scan].child != place) continue;
    end_isolate(shard, type, record.scan, Exit::kKilled);
  }
  if (record.live > 0) dirty_ = true;
}

}  // namespace tina::internal
