// SPDX-License-Identifier: Apache-2.0
// One shard: its arena, and the pass that drives it. `pass<Platform>` is one function for
// production and simulation; the platform is its only type parameter. Invariants: a pass does
// bounded work; nothing here allocates once `build` has returned; cost follows ready work, not
// slots. `map` and `destroy` run before and after the shard's thread, everything else on it.
#pragma once

#include <concepts>
#include <memory>
#include <span>
#include <vector>

#include "src/arena.h"
#include "src/isolate.h"
#include "src/monitor.h"
#include "src/remote.h"
#include "src/shard_rounds.h"

namespace tina::internal {

/// What a platform gives a shard: time and a backend. Shard's thread only.
template <class P>
concept Platform =
    requires(P platform, std::uint32_t limit, void (*completed)(Token, std::int32_t)) {
      { platform.now_ns() } -> std::same_as<std::uint64_t>;
      { platform.collect(limit, completed) } -> std::same_as<std::uint32_t>;
      platform.submit();
    };

/// A shard and the memory that belongs to it.
struct Shard {
  ShardParts parts;
  std::byte* arena = nullptr;
  std::size_t arena_bytes = 0;
  Canaries canaries;
  std::unique_ptr<Wheel> wheel;
  std::vector<Ring*> inbound;        ///< by sending shard; null where there is no channel
  std::vector<Ring*> outbound;       ///< by receiving shard
  std::vector<RingWriter*> writers;  ///< of those
  std::vector<PeerRing> drained, published;
  std::vector<PeerLink> links;
  std::vector<ShardParts*> peers;

  /// Maps the arena of shard `id`; no byte of it is touched. `placement` outlives the shard. False
  /// with errno: the kernel refuses the memory. Main thread.
  [[gnu::cold]] bool map(const SystemTable& system, const void* config, ShardId id,
                         const Placement& placement);
  /// Makes the mapped arena whole and ready to start. On the shard's own thread, whose touch
  /// decides on which node the memory lies.
  [[gnu::cold]] void lay_out();
  /// Both, on one thread; `populate` makes all of the arena present in between.
  [[gnu::cold]] bool build(const SystemTable& system, const void* config, ShardId id,
                           const Placement& placement, bool populate);
  [[gnu::cold]] void destroy();

 private:
  [[gnu::cold]] void place_rings(std::byte* memory);
};

/// Points each shard's outbound rings at the inbound rings of its peers.
[[gnu::cold]] void connect(std::span<Shard* const> shards);
[[gnu::cold]] void connect(std::span<const std::unique_ptr<Shard>> shards);

/// Starts the wheel, the reactor and the supervisor at time `now_ns`. `backend` outlives the shard.
[[gnu::cold]] void start(Shard& shard, std::uint64_t now_ns, std::uint64_t wall_offset_ns,
                         const BackendCalls& calls, void* backend);

/// Completions that one pass takes.
inline constexpr std::uint32_t kCompletionsPerPass = 4096;

bool inbound_empty(const ShardParts& shard);
/// Shows other shards what this pass has sent them; calls `wake(shard index)` for each that sleeps.
void publish_outbound(ShardParts& shard, std::span<ShardParts* const> peers,
                      void (*wake)(void*, unsigned), void* waker);
/// Fires due timers; returns the work done.
std::uint32_t advance_wheel(ShardParts& shard);
/// When the shard must run again though nothing arrives, ns; 0: never.
std::uint64_t next_deadline_ns(const ShardParts& shard);
/// Whether a shard that has announced its sleep has nothing to do but to wait.
bool may_sleep(const ShardParts& shard);
/// What was sent to other shards.
std::uint64_t remote_sent(const ShardParts& shard);
/// Messages sent to other shards that found no room there, or nobody, as far as these have said so.
std::uint64_t remote_lost(const ShardParts& shard);
/// Whether every message, call and thing off a ring of this shard is in exactly one of its counts.
/// Between passes. O(types).
bool books_balance(const ShardParts& shard);
/// The same across shards, none of which runs: all that was sent was taken or is in a ring. O(what
/// is in the rings).
bool books_balance(std::span<const std::unique_ptr<Shard>> shards);
/// Copies the counters to the shared page.
void publish_counters(ShardParts& shard);

/// One round of the shard's loop. Returns the work it found: 0 means that the shard may sleep.
template <Platform P>
std::uint32_t pass(ShardParts& shard, P& platform) {
  begin_rounds(shard, platform.now_ns());
  ++shard.counters.passes;
  std::uint32_t work = drain_inbound(shard);
  work += platform.collect(kCompletionsPerPass, [&shard](Token token, std::int32_t value) {
    on_completion(shard, token, value);
  });
  work += advance_wheel(shard);
  // acquire: pairs with the release of the main thread's order to stop.
  if (shard.stop_order.load(std::memory_order_acquire)) shard.tree.stop();
  if (shard.tree.step(shard)) ++work;
  if (shard.first_telling != kNoYield) work += tell_watchers(shard, kToldPerPass);
  if (shard.tree.ended()) {
    tell_watchers(shard, kTellAll);
    const bool stopped = shard.tree.phase() == TreePhase::kStopped;
    say(shard, stopped ? Standing::kStopped : Standing::kQuarantined);
  }
  if (!shard.links.empty()) work += watch_peers(shard);
  work += resume_yielded(shard);
  work += dispatch_ready(shard,
                         {[](void* clock) { return static_cast<P*>(clock)->now_ns(); }, &platform});
  if (shard.tree.has_work()) ++work;
  platform.submit();
  shard.worked = work > 0;
  return work;
}

}  // namespace tina::internal
