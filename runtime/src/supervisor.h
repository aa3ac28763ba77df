// SPDX-License-Identifier: Apache-2.0
// The supervision tree of a shard: starts children in order, restarts what fails within a sliding
// window, stops in reverse order. It costs no message and no allocation: direct calls after a
// handler has returned, and bounded steps per pass for what concerns many children. Source: OTP's
// supervisor behaviour (strategies, restart intensity over a window of timestamps, shutdown limits,
// significant children). Invariants: at most `restarts` timestamps are kept per supervisor; a
// temporary child is never restarted by its own supervisor; a dynamic group never exceeds its
// `max`; what a supervisor does to others takes effect in the next pass, so no call nests. Owned by
// the shard's thread.
#pragma once

#include <array>
#include <span>

#include "tina/context.h"
#include "tina/shard_core.h"

namespace tina::internal {

struct ShardParts;
struct ShardRegions;

inline constexpr std::uint32_t kNoChild = 0xffff'ffff;

/// kWaiting: to be started when its time has come and a slot is free. kAsked: to end by itself
/// within its limit. kEnded: not to be started again, unless with its whole group.
enum class ChildPhase : std::uint8_t { kIdle, kWaiting, kStarting, kRunning, kAsked, kEnded };

/// One static child, one nested supervisor, or one dynamic group, at run time. Those of a
/// supervisor lie together, in start order.
struct ChildRecord {
  /// Starting or running: when it was started. Waiting: not started before. Asked: killed then.
  std::uint64_t at_ns;
  std::uint32_t slot;      ///< of the last incarnation; kNoChild: there was none
  std::uint32_t live;      ///< isolates under this place; 1 for a supervisor that is not off
  std::uint32_t restarts;  ///< since boot
  /// In its supervisor's list of waiting children. Of a group, which never waits: while it is
  /// stopped, the next slot to look at.
  std::uint32_t next;
  std::uint16_t supervisor;  ///< whose child it is
  std::uint16_t place;       ///< its row among the tables
  std::uint8_t restarts_in_row;
  ChildPhase phase;
};
static_assert(sizeof(ChildRecord) == 32);

enum class SupervisorPhase : std::uint8_t { kOff, kStarting, kRunning, kStopping };

/// One supervisor at run time. `cursor`, `ahead` and `floor` count its children: from `first`.
struct SupervisorRecord {
  std::uint64_t due_ns;        ///< when it is to be looked at though nothing happens; 0: never
  std::uint64_t start_ns;      ///< stopping to start again: not before
  std::uint32_t first, count;  ///< its children
  std::uint32_t self;          ///< its own record among its parent's children; kNoChild: the root
  std::uint32_t cursor;        ///< starting: all before it run; stopping: all from it are stopped
  std::uint32_t ahead;         ///< of a child `* N`: the next to start, or the last one asked
  std::uint32_t floor;         ///< stopping: none before it is touched
  std::uint32_t waiting_first, waiting_last, waiting_count;
  std::uint32_t significant;  ///< significant children that run or will run
  std::uint32_t window_first, window_next, window_count;
  std::uint16_t next_queued;
  SupervisorPhase phase;
  Exit exit;               ///< stopping for good: why
  bool starts_again;       ///< stopping: only to restart the children from `floor`
  bool kills;              ///< stopping: nobody is asked
  bool queued;             ///< has something to do
  bool blocked;            ///< has a child that waits for a slot
  bool significant_ended;  ///< by itself, with `auto_shutdown`
};
static_assert(sizeof(SupervisorRecord) <= 80);

/// Of the whole tree. The numbers are those of the `phase` counter.
enum class TreePhase : std::uint8_t {
  kIdle,
  kBooting,
  kRunning,
  kStopping,
  kQuarantining,
  kStopped,
  kQuarantined,
  kRestarting,
};

/// Why a shard is restarted. The numbers are those of the `cause` of the log event. `kPower`: the
/// machine has been without power, in simulation; that is no fault of the shard and is not counted.
enum class RestartCause : std::uint8_t { kMemoryFault = 1, kEscalated = 2, kPower = 3 };

/// A shard is restarted at most so often within the longer of a minute and four windows of its
/// root: a root that escalates again and again needs a window for each time at most, so that it
/// comes to an end, too.
inline constexpr std::uint32_t kShardRestartsMax = 3;
inline constexpr std::uint64_t kShardWindowNs = 60'000'000'000;
inline constexpr std::uint64_t kShardWindowRoots = kShardRestartsMax + 1;

/// How long a tree that is coming to its end waits for operations of the dead, ns. A disk that
/// hangs never gives them back, and nobody would hear of them.
inline constexpr std::uint64_t kKernelLimitNs = 5'000'000'000;

class SupervisionTree {
 public:
  /// Takes a role's tables and the regions for its records, which are zeroed arena memory.
  [[gnu::cold]] void start(const RoleTable& role, const ShardRegions& regions);
  TreePhase phase() const { return phase_; }
  bool ended() const { return phase_ == TreePhase::kStopped || phase_ == TreePhase::kQuarantined; }

  const ChildRecord& child(std::uint32_t record) const { return children_[record]; }
  const ChildTable& table(const ChildRecord& child) const {
    const SupervisorTable& supervisor = tables_[child.supervisor];
    return supervisor.children[child.place - supervisor.first_place];
  }
  const SupervisorRecord& supervisor(std::size_t index) const { return supervisors_[index]; }
  /// The record of child `index` of a place; kNoChild if this role has no such child.
  std::uint32_t record_of(std::uint16_t place, std::uint32_t index) const;
  /// The current incarnation of a static child; the zero handle while there is none.
  Handle resolve(const ShardCore& core, std::uint16_t place, std::uint32_t index) const;
  /// Restarts that the supervisor of a child still has at `now_ns` before it gives up.
  std::uint32_t restarts_left(std::uint32_t record, std::uint64_t now_ns) const;

  /// Whether a child takes one more isolate now.
  SpawnStatus admit(std::uint32_t record) const;
  void child_added(std::uint32_t record, Handle handle);
  /// The child's `on_init` has returned ok.
  void child_started(std::uint32_t record);
  /// A child has ended; decides on what follows. `started`: its init had returned ok.
  void child_ended(ShardParts& shard, std::uint32_t record, Exit exit, bool started);
  /// A slot has become free: a child may have waited for it.
  void touch() {
    dirty_ = true;
    slot_freed_ = true;
  }
  /// Stop all children in reverse order, each within its limit. Idempotent.
  void stop();
  /// Kills everything and starts the root anew once the kernel has given everything back; too often
  /// is a quarantine. Nothing if the tree is coming to its end anyway.
  void restart(ShardParts& shard, RestartCause cause);
  /// Does what is to be done now, in bounded work; true if there was anything. Once per pass. A
  /// pass that did something is not the last before a sleep: what it did may have more to follow.
  bool step(ShardParts& shard) {
    if (!dirty_ && (deadline_ns_ == 0 || now_ns(shard) < deadline_ns_)) return false;
    work(shard);
    return true;
  }
  bool has_work() const { return dirty_; }
  /// A memory fault has cost the shard its trust: no handler runs until all that is on it has
  /// ended.
  bool halted() const { return halted_; }
  /// When the next step is due without any other event; 0: never.
  std::uint64_t deadline_ns() const { return deadline_ns_; }

 private:
  static std::uint64_t now_ns(const ShardParts& shard);
  [[gnu::cold]] void number(const RoleTable& role, std::size_t index, std::uint32_t& children,
                            std::uint32_t& window);

  // What happens (supervisor.cc).
  void work(ShardParts& shard);
  void work_on(ShardParts& shard, std::uint16_t index);
  void queue(std::uint16_t index);
  void wake_at(SupervisorRecord& supervisor, std::uint64_t due_ns);
  bool may_visit();
  bool may_act();
  void set_phase(ChildRecord& child, ChildPhase phase);
  void gone(ShardParts& shard, std::uint32_t record, Exit exit, bool started);
  void fail(ShardParts& shard, ChildRecord& child);
  bool exceeds_intensity(std::uint16_t index, std::uint64_t now_ns);
  std::uint64_t backoff(ChildRecord& child, std::uint64_t now_ns) const;
  [[gnu::cold]] void give_up(ShardParts& shard, std::uint16_t index);
  void kill_all(TreePhase phase);
  bool may_restart(std::uint64_t now_ns);
  void start_anew(ShardParts& shard);
  void end_if_significant(SupervisorRecord& supervisor, std::uint16_t index);
  std::uint16_t root() const { return root_; }

  // Starting (supervisor_start.cc).
  void begin_start(std::uint16_t index);
  void start_some(ShardParts& shard, std::uint16_t index);
  void start_waiting(ShardParts& shard, std::uint16_t index);
  bool start_child(ShardParts& shard, ChildRecord& child);
  bool start_isolate(ShardParts& shard, ChildRecord& child, const ChildTable& table);
  void all_started(ShardParts& shard, std::uint16_t index);

  // Stopping (supervisor_stop.cc).
  void begin_stop(std::uint16_t index, Exit exit);
  void stop_some(ShardParts& shard, std::uint16_t index);
  bool stop_child(ShardParts& shard, SupervisorRecord& supervisor, ChildRecord& child);
  bool stop_isolates(ShardParts& shard, SupervisorRecord& supervisor, ChildRecord& child);
  bool stop_group(ShardParts& shard, SupervisorRecord& supervisor, ChildRecord& child);
  void stop_nested(ShardParts& shard, SupervisorRecord& supervisor, ChildRecord& child);
  void kill(ShardParts& shard, ChildRecord& child);
  void kill_some(ShardParts& shard, ChildRecord& child);
  void left_behind(SupervisorRecord& supervisor, ChildRecord& child);
  void all_stopped(ShardParts& shard, std::uint16_t index);
  void end_tree(ShardParts& shard);
  bool leaves_to_kernel(ShardParts& shard);

  std::span<const SupervisorTable> tables_;
  ChildRecord* children_ = nullptr;
  SupervisorRecord* supervisors_ = nullptr;
  std::span<std::uint32_t> places_;  ///< first record of each place; kNoChild: not in this role
  std::uint64_t* window_ = nullptr;  ///< restart times, ns; a ring per supervisor
  std::uint16_t root_ = 0;
  std::uint16_t queued_first_ = kNoSupervisor;
  std::uint16_t queued_last_ = kNoSupervisor;
  std::uint32_t visits_ = 0;   ///< left in this pass
  std::uint32_t actions_ = 0;  ///< left in this pass
  bool dirty_ = false;
  bool slot_freed_ = false;
  bool deadline_moved_ = false;
  bool came_up_ = false;  ///< the root has run once
  bool halted_ = false;
  TreePhase phase_ = TreePhase::kIdle;
  std::array<std::uint64_t, kShardRestartsMax> shard_restarts_ns_{};  ///< a ring of times
  std::uint32_t shard_restarts_ = 0;                                  ///< since boot
  std::uint64_t deadline_ns_ = 0;
  std::uint64_t kernel_until_ns_ = 0;  ///< 0: the kernel is not waited for
};

}  // namespace tina::internal
