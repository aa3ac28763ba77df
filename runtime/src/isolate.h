// SPDX-License-Identifier: Apache-2.0
// The life of an isolate, from reserved slot to released slot, and the private whole of a shard
// that it needs: core, reactor, wheel, supervisor, trap, log. Invariants: generations only grow; a
// slot is free, live, or draining (ended, with operations in flight), and only a free one is
// reserved; Σ live of a type + free + draining = slots - retired. Owned by the shard's thread.
#pragma once

#include <atomic>

#include "src/observe.h"
#include "src/peer.h"
#include "src/placement.h"
#include "src/reactor.h"
#include "src/ring.h"
#include "src/sleep_flag.h"
#include "src/supervisor.h"
#include "src/tick.h"
#include "src/trap.h"
#include "src/wheel.h"
#include "tina/dispatch.h"

namespace tina::internal {

/// A ring and the shard at its other end.
struct PeerRing {
  Ring* ring;
  unsigned peer;
};

inline constexpr std::uint64_t kNoYield = ~std::uint64_t{0};

/// The platform's clock, read in the middle of a pass. Without one, time sets no bound.
struct PassClock {
  std::uint64_t (*read_ns)(void* clock) = nullptr;
  void* clock = nullptr;
};

/// How far the rounds of a pass have come (src/shard_rounds.h). Kept here because a fault jumps out
/// of them, and they go on.
struct Rounds {
  std::uint64_t busy = 0;   ///< types of `word` that the round has still to visit
  std::uint32_t word = 0;   ///< of BusyTypes
  std::uint32_t words = 0;  ///< that the round looks at; 0: it has not begun
  std::uint32_t calls = 0;
  std::uint32_t looked_at = 0;  ///< calls when the clock was last read
  PassClock clock{};
};

/// Everything that one shard owns. Lives outside the arena only for what boot itself needs.
struct ShardParts : ShardCore {
  const SystemTable* system = nullptr;
  const RoleTable* role = nullptr;
  const void* config = nullptr;
  Reactor reactor;
  Wheel* wheel = nullptr;
  TimerNode* timers = nullptr;
  TickLength tick;
  SupervisionTree tree;
  Trap trap;
  LogRing log;
  ShardCounters counters{};
  CounterPage* page = nullptr;
  std::uint64_t wall_offset_ns = 0;  ///< added to `now` in log records
  const Placement* placement = nullptr;
  std::uint16_t role_number = 0;        ///< of `role` in the system
  std::span<const PeerRing> inbound;    ///< the rings that lead here
  std::span<const PeerRing> published;  ///< the rings that lead away
  std::span<Ring*> outbound;            ///< by receiving shard; null where there is no channel
  const std::byte* const* canaries = nullptr;
  std::uint32_t canary_count = 0;
  bool boot_failed = false;   ///< the tree never came up
  bool abort_order = false;   ///< the spec says that the process ends with this shard
  bool clock_closed = false;  ///< simulation: a read of the real clock faults
  MonitorRecord* monitors = nullptr;
  std::uint32_t free_watcher = kNoPlace;     ///< places for watchers on other shards
  std::uint32_t ending_monitors = kNoPlace;  ///< ended, and their shard is not told yet
  std::uint64_t first_telling = kNoYield;    ///< list of ended slots whose watchers are told
  std::uint64_t last_telling = kNoYield;
  std::uint64_t first_yield = kNoYield;  ///< list of slots to run in the next pass
  std::uint64_t last_yield = kNoYield;
  Rounds rounds;                       ///< of the pass that runs
  std::uint64_t looked_ns = 0;         ///< when dispatch last looked at the clock
  std::uint32_t first_ring = 0;        ///< with which the draining of rings begins
  std::uint8_t pace = 0;               ///< rounds are shorter by this power of two
  bool worked = false;                 ///< the last pass found work
  bool backwards = false;              ///< rounds begin with the last type
  std::span<PeerLink> links;           ///< by shard; none if it is the only one
  std::span<ShardParts* const> peers;  ///< all shards, by index
  PeerNews news;
  StateWord state;         ///< read by peers
  bool announces = false;  ///< it has changed, and peers that sleep are to be woken
  SleepFlag sleep_flag;
  std::atomic<bool> stop_order{false};  ///< set by the main thread, read once per pass

  /// What the init arguments of a child `* N` are made of; it is the one with number `child`.
  ChildFacts facts_of(std::uint32_t child) const {
    const RoleShards& own = placement->role(role_number);
    const unsigned position = tina::index(shard) - own.first;
    return {config, ShardId{static_cast<std::uint16_t>(position)}, own.count, child};
  }
  std::uint64_t tick_of(std::uint64_t ns) const { return tick.passed(ns); }
  /// The first tick that is not before `ns`.
  std::uint64_t tick_from(std::uint64_t ns) const { return tick.from(ns); }
};

inline ShardParts& parts(ShardCore& core) { return static_cast<ShardParts&>(core); }

/// A completion from the backend.
void on_completion(ShardParts& shard, Token token, std::int32_t value);
/// Fetches what on_timer will touch when `later` fires, soon after `timer`. A hint, which touches
/// neither node nor slot of `later`; it fetches nothing if their isolates are of two types.
void expect_timer(const ShardParts& shard, std::uint32_t timer, std::uint32_t later);
/// A timer of the wheel has fired.
void on_timer(ShardParts& shard, std::uint32_t timer);

/// Makes what yielded in the last pass ready. Returns how many.
std::uint32_t resume_yielded(ShardParts& shard);

/// Takes a slot for an isolate of the child `child` of the tree. O(1).
Reserved take_slot(ShardParts& shard, TypeId type, std::uint32_t child);
/// An isolate whose init has returned runs from now on: its timers and its supervisor know.
void begin_running(ShardParts& shard, TypeBlock& type, std::uint32_t slot);
/// Ends an isolate now: its handle is dead when this returns, its slot follows its last completion.
void end_isolate(ShardParts& shard, TypeBlock& type, std::uint32_t slot, Exit exit);
/// What kept an ended isolate's slot, kDraining or kTelling, is over. The slot is free if that was
/// the last of it.
void let_go(ShardParts& shard, TypeBlock& type, std::uint32_t slot, SlotFlag why);
/// Ends an isolate as crashed and writes its report.
void crash_isolate(ShardParts& shard, TypeBlock& type, std::uint32_t slot, const Fault& fault);
/// A handler that takes its time: so long by the clock and of the processor, and where it is.
struct SlowHandler {
  std::uint64_t now_ns, wall_ns, cpu_ns, program_counter;
};
/// Counts the running handler as slow and reports it.
void report_slow(ShardParts& shard, const SlowHandler& slow);
/// Ends the isolate that was running when `shard.trap.fault` happened.
void running_isolate_faulted(ShardParts& shard);
/// Asks an isolate to end: sys.Shutdown, ahead of its mailbox.
void ask_shutdown(ShardParts& shard, TypeBlock& type, std::uint32_t slot);

/// Checks what a stray write in a handler may have hit: queue headers of every type, canaries
/// between regions, the slot's neighbours. O(types + regions). False: the shard's memory is not to
/// be trusted.
bool structures_sound(const ShardParts& shard, const TypeBlock& type, std::uint32_t slot);

}  // namespace tina::internal
