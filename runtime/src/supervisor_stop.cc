// SPDX-License-Identifier: Apache-2.0
// See supervisor.h: stopping children in reverse order, each asked first and killed at its limit.
#include "src/isolate.h"
#include "src/monitor.h"
#include "src/supervisor.h"

namespace tina::internal {
namespace {

/// Slots of a group that one pass looks at.
constexpr std::uint32_t kSlotsPerPass = 256;

void log_killed(ShardParts& shard, const ChildRecord& child) {
  const Field fields[] = {{"child", child.place}, {"restarts", child.restarts}};
  log_event(shard, Level::kWarning, "child_killed", fields, 2);
}

/// Whether the shard has operations that no cancel brings back. O(I/O objects).
bool has_disk(const ShardParts& shard) {
  for (unsigned i = 0; i < shard.type_count; ++i) {
    for (const IoTable& io : shard.types[i].table->ios) {
      if (traits_of(io.kind).waits) return true;
    }
  }
  return false;
}

}  // namespace

void SupervisionTree::stop() {
  // Everything is being killed, and does not start again then.
  if (phase_ == TreePhase::kRestarting) {
    phase_ = TreePhase::kStopping;
    dirty_ = true;  // all may be dead already
  }
  if (phase_ != TreePhase::kBooting && phase_ != TreePhase::kRunning) return;
  phase_ = TreePhase::kStopping;
  begin_stop(root_, Exit::kShutdown);
}

void SupervisionTree::kill_all(TreePhase phase) {
  phase_ = phase;
  begin_stop(root_, Exit::kKilled);
  supervisors_[root_].kills = true;
}

bool SupervisionTree::may_restart(std::uint64_t now_ns) {
  const std::uint64_t roots =
      kShardWindowRoots * static_cast<std::uint64_t>(tables_[root_].window_ns);
  const std::uint64_t window_ns = roots > kShardWindowNs ? roots : kShardWindowNs;
  std::uint64_t& oldest = shard_restarts_ns_[shard_restarts_ % kShardRestartsMax];
  if (shard_restarts_ >= kShardRestartsMax && now_ns - oldest <= window_ns) return false;
  oldest = now_ns;
  ++shard_restarts_;
  return true;
}

void SupervisionTree::restart(ShardParts& shard, RestartCause cause) {
  if (cause != RestartCause::kEscalated && phase_ != TreePhase::kStopping) halted_ = true;
  if (phase_ != TreePhase::kBooting && phase_ != TreePhase::kRunning) return;
  const bool again = cause == RestartCause::kPower || may_restart(shard.now.ns);
  const Field fields[] = {{"cause", static_cast<std::int64_t>(cause)},
                          {"restarts", shard_restarts_}};
  log_event(shard, Level::kError, again ? "shard_restarts" : "shard_quarantined", fields, 2);
  if (again) {
    ++shard.counters.shard_restarts;
    kill_all(TreePhase::kRestarting);
    return;
  }
  shard.abort_order = tables_[root_].on_intensity == OnIntensity::kAbort;
  shard.boot_failed = !came_up_;
  kill_all(TreePhase::kQuarantining);
}

/// Everything of before has ended: whoever holds a reference, a call or a monitor knows it.
void SupervisionTree::start_anew(ShardParts& shard) {
  phase_ = TreePhase::kBooting;
  tell_watchers(shard, kTellAll);
  say_restarted(shard);
  begin_start(root_);
}

/// Stops a supervisor for good. Whoever says so first gives the reason.
void SupervisionTree::begin_stop(std::uint16_t of, Exit exit) {
  SupervisorRecord& supervisor = supervisors_[of];
  queue(of);
  if (supervisor.phase == SupervisorPhase::kStopping && !supervisor.starts_again) return;
  supervisor.phase = SupervisorPhase::kStopping;
  supervisor.starts_again = false;
  supervisor.exit = exit;
  supervisor.floor = 0;
  supervisor.cursor = supervisor.ahead = supervisor.count;
}

/// Goes down the start order as far as the children have ended.
void SupervisionTree::stop_some(ShardParts& shard, std::uint16_t of) {
  SupervisorRecord& supervisor = supervisors_[of];
  while (supervisor.cursor > supervisor.floor) {
    if (!may_visit()) return queue(of);
    ChildRecord& child = children_[supervisor.first + supervisor.cursor - 1];
    if (child.live > 0 && !stop_child(shard, supervisor, child)) return;
    left_behind(supervisor, child);
    --supervisor.cursor;
  }
  all_stopped(shard, of);
}

/// True if nothing is left of the child.
bool SupervisionTree::stop_child(ShardParts& shard, SupervisorRecord& supervisor,
                                 ChildRecord& child) {
  const ChildTable& row = table(child);
  if (row.dynamic) return stop_group(shard, supervisor, child);
  if (row.supervisor == kNoSupervisor) return stop_isolates(shard, supervisor, child);
  stop_nested(shard, supervisor, child);
  return false;  // it says so itself, in a later pass
}

/// A static child, and those of the same `* N` before it: they are asked together.
bool SupervisionTree::stop_isolates(ShardParts& shard, SupervisorRecord& supervisor,
                                    ChildRecord& child) {
  const ChildTable& row = table(child);
  TypeBlock& type = shard.types[index(row.type)];
  if (supervisor.ahead > supervisor.cursor) supervisor.ahead = supervisor.cursor;
  const bool asks = row.shutdown_ns > 0 && !supervisor.kills;
  for (; asks && supervisor.ahead > supervisor.floor; --supervisor.ahead) {
    ChildRecord& asked = children_[supervisor.first + supervisor.ahead - 1];
    if (asked.place != child.place) break;
    if (!may_act()) {
      queue(child.supervisor);
      break;
    }
    if (asked.live == 0) continue;
    set_phase(asked, ChildPhase::kAsked);
    asked.at_ns = shard.now.ns + static_cast<std::uint64_t>(row.shutdown_ns);
    ask_shutdown(shard, type, asked.slot);
  }
  if (asks && (child.phase != ChildPhase::kAsked || shard.now.ns < child.at_ns)) {
    if (child.phase == ChildPhase::kAsked) wake_at(supervisor, child.at_ns);
    return false;
  }
  if (!may_act()) {
    queue(child.supervisor);
    return false;
  }
  const bool all = phase_ == TreePhase::kQuarantining || phase_ == TreePhase::kRestarting;
  if (!all) log_killed(shard, child);
  end_isolate(shard, type, child.slot, Exit::kKilled);
  return true;
}

bool SupervisionTree::stop_group(ShardParts& shard, SupervisorRecord& supervisor,
                                 ChildRecord& child) {
  const ChildTable& row = table(child);
  TypeBlock& type = shard.types[index(row.type)];
  if (child.phase != ChildPhase::kAsked) {
    child.phase = ChildPhase::kAsked;
    child.at_ns = shard.now.ns + static_cast<std::uint64_t>(row.shutdown_ns);
    child.next = 0;
  }
  if (supervisor.kills || shard.now.ns >= child.at_ns) {
    if (child.next >= type.slots) child.next = 0;
    kill_some(shard, child);
    return child.live == 0;
  }
  const auto record = static_cast<std::uint32_t>(&child - children_);
  for (std::uint32_t n = 0; n < kSlotsPerPass && child.next < type.slots; ++n, ++child.next) {
    const SlotMeta& meta = type.meta[child.next];
    if ((meta.flags & kLive) == 0 || type.records[child.next].child != record) continue;
    ask_shutdown(shard, type, child.next);
  }
  if (child.next < type.slots) queue(child.supervisor);
  wake_at(supervisor, child.at_ns);
  return false;
}

void SupervisionTree::kill_some(ShardParts& shard, ChildRecord& child) {
  const auto record = static_cast<std::uint32_t>(&child - children_);
  TypeBlock& type = shard.types[index(table(child).type)];
  for (std::uint32_t n = 0; n < kSlotsPerPass && child.next < type.slots; ++n, ++child.next) {
    const SlotMeta& meta = type.meta[child.next];
    if ((meta.flags & kLive) == 0 || type.records[child.next].child != record) continue;
    end_isolate(shard, type, child.next, Exit::kKilled);
  }
  if (child.live > 0) queue(child.supervisor);
}

void SupervisionTree::stop_nested(ShardParts& shard, SupervisorRecord& supervisor,
                                  ChildRecord& child) {
  const ChildTable& row = table(child);
  SupervisorRecord& below = supervisors_[row.supervisor];
  if (child.phase != ChildPhase::kAsked) {
    set_phase(child, ChildPhase::kAsked);
    child.at_ns =
        row.shutdown_ns == 0 ? 0 : shard.now.ns + static_cast<std::uint64_t>(row.shutdown_ns);
    begin_stop(row.supervisor, Exit::kShutdown);
  }
  const bool late = child.at_ns != 0 && shard.now.ns >= child.at_ns;
  if ((supervisor.kills || late) && !below.kills) {
    if (late) log_killed(shard, child);
    below.kills = true;
    queue(row.supervisor);
  }
  if (child.at_ns != 0 && !late) wake_at(supervisor, child.at_ns);
}

/// How a child waits while it is stopped: for a new start, unless it is temporary and has had its
/// one start under this supervisor.
void SupervisionTree::left_behind(SupervisorRecord& supervisor, ChildRecord& child) {
  const bool over = supervisor.starts_again && child.phase != ChildPhase::kIdle &&
                    table(child).restart == Restart::kTemporary;
  set_phase(child, over ? ChildPhase::kEnded : ChildPhase::kIdle);
  if (!supervisor.starts_again) child.restarts_in_row = 0;
}

void SupervisionTree::all_stopped(ShardParts& shard, std::uint16_t of) {
  SupervisorRecord& supervisor = supervisors_[of];
  if (supervisor.starts_again) {
    if (shard.now.ns < supervisor.start_ns) return wake_at(supervisor, supervisor.start_ns);
    supervisor.phase = SupervisorPhase::kStarting;
    supervisor.cursor = supervisor.ahead = supervisor.floor;
    return start_some(shard, of);
  }
  supervisor.phase = SupervisorPhase::kOff;
  if (supervisor.self == kNoChild) return;
  children_[supervisor.self].live = 0;
  gone(shard, supervisor.self, supervisor.exit, true);
}

/// Whether what the kernel still has is left to it, and not waited for any longer. A shard that is
/// to start anew waits: the slots of these operations are what it starts in.
bool SupervisionTree::leaves_to_kernel(ShardParts& shard) {
  if (phase_ != TreePhase::kStopping && phase_ != TreePhase::kQuarantining) return false;
  if (!has_disk(shard)) return false;
  if (kernel_until_ns_ == 0) kernel_until_ns_ = shard.now.ns + kKernelLimitNs;
  if (shard.now.ns < kernel_until_ns_) {
    wake_at(supervisors_[root_], kernel_until_ns_);
    return false;
  }
  const Field field{"operations", static_cast<std::int64_t>(shard.reactor.in_flight())};
  log_event(shard, Level::kWarning, "operations_left", &field, 1);
  return true;
}

/// The root has no children left: the tree is over when the kernel has given everything back, or
/// has had the time for it.
void SupervisionTree::end_tree(ShardParts& shard) {
  if (supervisors_[root_].phase != SupervisorPhase::kOff) return;
  if (shard.reactor.in_flight() != 0 && !leaves_to_kernel(shard)) return;
  if (phase_ == TreePhase::kStopping) phase_ = TreePhase::kStopped;
  if (phase_ == TreePhase::kQuarantining) phase_ = TreePhase::kQuarantined;
  halted_ = false;
  if (phase_ == TreePhase::kRestarting) start_anew(shard);
}

}  // namespace tina::internal
