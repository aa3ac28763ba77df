// SPDX-License-Identifier: Apache-2.0
// Monitors: who wants to know when an isolate ends, and the places of the news. Invariants: a
// record is in exactly one list (free, watchers of one isolate, Downs of its own slot, ending) or
// watches an isolate of another shard; each monitor that was not ended brings exactly one Down;
// nothing here can be full once `start_monitor` has said kWatching. Owned by the shard's thread.
#pragma once

#include "src/isolate.h"

namespace tina::internal {

/// What a monitor or its end tells the shard of the watched isolate.
struct MonitorMessage {
  Handle watcher;
  std::uint32_t serial;
  std::uint16_t number;
  std::uint8_t watcher_type;
  std::uint8_t reserved;
};
static_assert(sizeof(MonitorMessage) == 16);

/// What the watched isolate's shard tells the watcher's.
struct DownMessage {
  std::uint32_t serial;
  sys::Why why;
  std::uint8_t reserved[3];
};
static_assert(sizeof(DownMessage) == 8);

/// Chains all records up. Before the shard runs. O(monitors).
void start_monitors(ShardParts& shard, MonitorRecord* records);
/// Takes the slot's next Down into `shard.down`; false: there is none.
bool take_down(ShardParts& shard, TypeBlock& type, std::uint32_t slot);
/// Watchers that the end of one isolate tells at once, and that one pass tells of all ends.
inline constexpr std::uint32_t kToldAtOnce = 256;
inline constexpr std::uint32_t kToldPerPass = 4096;
inline constexpr std::uint32_t kTellAll = ~0U;

/// Tells the watchers of a slot that it has ended and ends its own monitors. If there are many
/// watchers, the slot is kept (kTelling) until later passes have told the rest. O(own monitors).
void end_watches(ShardParts& shard, TypeBlock& type, std::uint32_t slot, Exit exit);

/// Another shard's watcher begins or ends.
void watch_for(ShardParts& shard, unsigned type, Handle target, const MonitorMessage& message);
void unwatch_for(ShardParts& shard, unsigned type, Handle target, const MonitorMessage& message);
/// News of an isolate of another shard.
void down_from(ShardParts& shard, unsigned watcher_type, Handle watcher, std::uint16_t number,
               const DownMessage& message);
/// Goes on to tell the watchers of ended isolates, `most` of them. Returns the work done.
std::uint32_t tell_watchers(ShardParts& shard, std::uint32_t most);
/// Monitors of isolates of a shard that has given up: their Downs, a bounded number of records per
/// call from `next` on. True: there are more.
bool end_monitors_towards(ShardParts& shard, ShardId peer, std::uint32_t& next);
/// Sends the ends of monitors that found their ring full; returns how many.
std::uint32_t send_ending(ShardParts& shard);

}  // namespace tina::internal
