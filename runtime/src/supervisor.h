// SPDX-License-Identifier: Apache-2.0
// The root supervisor of a shard: starts children in order, restarts what fails within a sliding
// window, stops in reverse order. It costs no message and no allocation: direct calls after a
// handler has returned, and bounded steps per pass for what concerns many children. Source: OTP's
// supervisor behaviour (one_for_one, restart intensity over a window of timestamps, shutdown
// limits). Invariants: at most `restarts` timestamps are kept; a temporary child is never
// restarted; a dynamic group never exceeds its `max`. Owned by the shard's thread.
#pragma once

#include "tina/context.h"
#include "tina/shard_core.h"

namespace tina::internal {

struct ShardParts;

enum class ChildPhase : std::uint8_t { kIdle, kStarting, kRunning, kWaiting, kEnded };

/// One place in the start order, at run time. kWaiting: to be started as soon as a slot is free.
struct ChildRecord {
  Handle current;             ///< static children: the incarnation
  std::uint64_t deadline_ns;  ///< while stopping: when it is killed
  std::uint32_t live;         ///< isolates under this place
  std::uint32_t restarts;     ///< since boot
  std::uint32_t scan;         ///< while stopping a group: the next slot to ask
  ChildPhase phase;
};
static_assert(sizeof(ChildRecord) <= 64);

enum class SupervisorPhase : std::uint8_t {
  kIdle,
  kBooting,
  kRunning,
  kStopping,
  kQuarantining,
  kStopped,
  kQuarantined,
};

class Supervisor {
 public:
  /// Takes its table and its records, which are zeroed arena memory.
  void start(const SupervisorTable* table, ChildRecord* children, std::uint64_t* window) {
    table_ = table;
    children_ = children;
    window_ = window;
    phase_ = SupervisorPhase::kBooting;
    dirty_ = true;
  }
  const SupervisorTable& table() const { return *table_; }
  SupervisorPhase phase() const { return phase_; }
  bool ended() const {
    return phase_ == SupervisorPhase::kStopped || phase_ == SupervisorPhase::kQuarantined;
  }
  const ChildRecord& child(unsigned place) const { return children_[place]; }

  /// Whether place `place` takes one more isolate now.
  SpawnStatus admit(unsigned place) const;
  void child_added(unsigned place, Handle handle);
  /// The child's `on_init` has returned ok.
  void child_started(unsigned place);
  /// A child has ended; decides on restart, quarantine or abort. `started`: its init had returned
  /// ok.
  void child_ended(ShardParts& shard, unsigned place, Exit exit, bool started);
  /// A slot has become free, or an order or a deadline has come: there may be something to do.
  void touch() { dirty_ = true; }
  /// Stop all children in reverse order, each within its limit. Idempotent.
  void stop();
  /// Does what is to be done now, in bounded work; true if there was anything. Once per pass. A
  /// pass that did something is not the last before a sleep: what it did may have more to follow.
  bool step(ShardParts& shard) {
    if (!dirty_ && (deadline_ns_ == 0 || now_ns(shard) < deadline_ns_)) return false;
    work(shard);
    return true;
  }
  bool has_work() const { return dirty_; }
  /// When the next step is due without any other event; 0: never.
  std::uint64_t deadline_ns() const { return deadline_ns_; }

 private:
  static std::uint64_t now_ns(const ShardParts& shard);
  void work(ShardParts& shard);
  void boot(ShardParts& shard);
  void restart_waiting(ShardParts& shard);
  bool start_child(ShardParts& shard, unsigned place);
  bool exceeds_intensity(std::uint64_t now_ns);
  void give_up(ShardParts& shard);
  void stop_step(ShardParts& shard);
  bool stop_static(ShardParts& shard, unsigned place);
  bool stop_group(ShardParts& shard, unsigned place);
  void kill_some(ShardParts& shard, unsigned place);

  const SupervisorTable* table_ = nullptr;
  ChildRecord* children_ = nullptr;
  std::uint64_t* window_ = nullptr;  ///< ring of restart times, ns; `restarts` places
  std::uint32_t window_next_ = 0;
  std::uint32_t window_count_ = 0;
  std::uint32_t cursor_ = 0;
  bool dirty_ = false;
  SupervisorPhase phase_ = SupervisorPhase::kIdle;
  std::uint64_t deadline_ns_ = 0;
};

}  // namespace tina::internal
