// SPDX-License-Identifier: Apache-2.0
// See supervisor.h: starting children in order, and restarting those that wait.
#include "src/isolate.h"
#include "src/supervisor.h"

namespace tina::internal {

void SupervisionTree::begin_start(std::uint16_t of) {
  SupervisorRecord& supervisor = supervisors_[of];
  supervisor.phase = SupervisorPhase::kStarting;
  supervisor.cursor = supervisor.ahead = 0;
  supervisor.waiting_count = 0;
  supervisor.window_next = supervisor.window_count = 0;
  supervisor.significant_ended = supervisor.kills = false;
  queue(of);
}

/// Goes up the start order. A child starts when all before it run; only those of a child `* N` do
/// not wait for each other.
void SupervisionTree::start_some(ShardParts& shard, std::uint16_t of) {
  SupervisorRecord& supervisor = supervisors_[of];
  for (; supervisor.cursor < supervisor.count; ++supervisor.cursor) {
    if (!may_visit()) return queue(of);
    ChildRecord& child = children_[supervisor.first + supervisor.cursor];
    if (table(child).dynamic || child.phase == ChildPhase::kRunning ||
        child.phase == ChildPhase::kEnded) {
      continue;
    }
    if (child.phase == ChildPhase::kWaiting && shard.now.ns < child.at_ns) {
      return wake_at(supervisor, child.at_ns);
    }
    if (child.phase != ChildPhase::kStarting && !start_child(shard, child)) return;
    if (supervisor.ahead <= supervisor.cursor) supervisor.ahead = supervisor.cursor + 1;
    for (; supervisor.ahead < supervisor.count; ++supervisor.ahead) {
      ChildRecord& other = children_[supervisor.first + supervisor.ahead];
      if (other.place != child.place || other.phase != ChildPhase::kIdle) return;
      if (!may_act()) return queue(of);
      if (!start_child(shard, other)) return;
    }
    return;
  }
  all_started(shard, of);
}

void SupervisionTree::all_started(ShardParts& shard, std::uint16_t of) {
  SupervisorRecord& supervisor = supervisors_[of];
  supervisor.phase = SupervisorPhase::kRunning;
  if (supervisor.self != kNoChild) {
    ChildRecord& self = children_[supervisor.self];
    if (self.phase == ChildPhase::kStarting) set_phase(self, ChildPhase::kRunning);
    queue(self.supervisor);
  } else if (phase_ == TreePhase::kBooting) {
    phase_ = TreePhase::kRunning;
    came_up_ = true;
    log_event(shard, Level::kInfo, "serving", nullptr, 0);
  }
  end_if_significant(supervisor, of);
}

/// Restarts the waiting children whose time has come; the list is gone through once.
void SupervisionTree::start_waiting(ShardParts& shard, std::uint16_t of) {
  SupervisorRecord& supervisor = supervisors_[of];
  for (std::uint32_t left = supervisor.waiting_count; left > 0; --left) {
    if (!may_visit() || !may_act()) return queue(of);
    const std::uint32_t record = supervisor.waiting_first;
    ChildRecord& child = children_[record];
    supervisor.waiting_first = child.next;
    --supervisor.waiting_count;
    const bool due = shard.now.ns >= child.at_ns;
    if (due && start_child(shard, child)) continue;
    if (!due) wake_at(supervisor, child.at_ns);
    child.next = kNoChild;
    (supervisor.waiting_count++ == 0 ? supervisor.waiting_first
                                     : children_[supervisor.waiting_last].next) = record;
    supervisor.waiting_last = record;
  }
}

/// False: it waits for a slot.
bool SupervisionTree::start_child(ShardParts& shard, ChildRecord& child) {
  const ChildTable& row = table(child);
  if (row.supervisor == kNoSupervisor) return start_isolate(shard, child, row);
  set_phase(child, ChildPhase::kStarting);
  child.live = 1;
  child.at_ns = shard.now.ns;
  begin_start(row.supervisor);
  return true;
}

bool SupervisionTree::start_isolate(ShardParts& shard, ChildRecord& child, const ChildTable& row) {
  TypeBlock& type = shard.types[index(row.type)];
  set_phase(child, ChildPhase::kWaiting);
  // What the incarnation before left in the kernel comes to its end first, also if there is another
  // slot: a listener's port is free only then.
  const std::uint32_t before = child.slot;
  const bool drains = before != kNoChild && (type.meta[before].flags & kDraining) != 0;
  if (type.free_count == 0 || drains) {
    child.at_ns = shard.now.ns;
    supervisors_[child.supervisor].blocked = true;  // the last completion touches us
    return false;
  }
  const auto record = static_cast<std::uint32_t>(&child - children_);
  const Reserved reserved = take_slot(shard, row.type, record);
  TINA_ASSERT(reserved.status == SpawnStatus::kSpawned);
  row.make_init(shard.facts_of(record - places_[child.place]), type.init(reserved.slot));
  set_phase(child, ChildPhase::kStarting);
  child.at_ns = shard.now.ns;
  enqueue_init(shard, row.type, reserved.slot);
  return true;
}

}  // namespace tina::internal
