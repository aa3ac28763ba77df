// SPDX-License-Identifier: Apache-2.0
// Where every byte of a shard lies. One constexpr walk over a role's tables yields the regions of
// the shard's arena; the generated code holds its total to the declared `memory <=` at compile
// time, boot places pointers with it, and `budget` prints it: three readers of one definition
// cannot disagree. Invariant: regions follow each other in a fixed order, each aligned and closed
// by a canary.
#pragma once

#include <cstddef>
#include <cstdint>

#include "tina/operand.h"
#include "tina/slot.h"
#include "tina/table.h"

namespace tina::internal {

enum class Part : std::uint8_t {
  kTypeBlocks,
  kStates,
  kMeta,
  kRecords,
  kEntries,
  kInits,
  kResults,
  kObjects,
  kOperands,
  kReady,
  kFree,
  kCalls,
  kOpenCalls,
  kWatches,
  kKept,
  kHeard,
  kDeferred,
  kTimers,
  kMonitors,
  kBuffers,
  kBlobs,
  kBufferRecords,
  kScratch,
  kChildren,
  kSupervisors,
  kPlaces,
  kRestartWindow,
  kInboundRings,
  kLog,
};

constexpr const char* name(Part part) {
  constexpr const char* kNames[] = {
      "type blocks", "state",           "slot meta",   "slot records",   "mailbox",   "init",
      "results",     "I/O objects",     "operands",    "ready ring",     "free ring", "calls",
      "open calls",  "watch lists",     "kept blocks", "heard",          "deferred",  "timers",
      "monitors",    "receive buffers", "blobs",       "buffer records", "scratch",   "children",
      "supervisors", "places",          "restarts",    "inbound rings",  "log ring"};
  return kNames[static_cast<unsigned>(part)];
}

/// `type` is meaningful for the parts from kStates to kDeferred.
struct Region {
  Part part;
  std::uint16_t type;
  std::size_t offset;
  std::size_t size;
};

/// Bytes after each region that hold a known pattern; a handler that writes past its region breaks
/// it.
inline constexpr std::size_t kCanarySize = kCacheLine;
inline constexpr std::byte kCanaryByte{0xc5};

inline constexpr std::size_t kChildRecordSize = 32;
inline constexpr std::size_t kSupervisorRecordSize = 80;
inline constexpr std::size_t kTypeBlockSize = 512;
inline constexpr std::size_t kLogRecords = 2048;
inline constexpr std::size_t kLogRecordSize = 192;
inline constexpr std::size_t kRingSlotSize = 64;
inline constexpr std::size_t kRingControlSize = 320;

/// Bytes that each state of a type is rounded up by, so that none straddles a cache line; an only
/// one cannot: its region begins a line.
constexpr std::size_t state_rounding(const TypeTable& type) {
  return type.slots == 1 ? 0 : state_stride(type.state_size) - type.state_size;
}

/// Places for deferred messages: a mailbox that is wholly deferred fits.
constexpr std::uint32_t deferred_places(const TypeTable& type) {
  return type.defers ? type.slots * type.mailbox : 0;
}

constexpr std::size_t deferred_stride(const TypeTable& type) {
  return sizeof(DeferredHeader) + entry_stride(type.payload_size);
}

/// Queue places of a type: what `pending` admits, and one for the entry being handled.
constexpr std::uint32_t queue_places(const TypeTable& type) {
  return type.payload_size == 0 || type.slots == 0 ? 0 : type.slots * type.mailbox + 1;
}

/// Timers of a slot: the state timeouts first, then the named ones, then the
/// limit of each call, then that of each call taken to be answered later.
constexpr std::uint32_t timers_per_slot(const TypeTable& type) {
  return type.afters + static_cast<std::uint32_t>(type.timers.size()) + type.calls + type.open;
}

/// Bytes from one call record to the next: the results lie behind it.
constexpr std::size_t call_stride(const TypeTable& type) {
  return sizeof(CallRecord) + round_up(type.result_size, 8);
}

/// Bytes from one block of a pool to the next.
constexpr std::size_t blob_stride(const BlobPoolTable& pool) {
  return round_up(pool.size, kCacheLine);
}

/// Bytes of all pools of a role.
constexpr std::size_t blobs_size(const RoleTable& role) {
  std::size_t size = 0;
  for (const BlobPoolTable& pool : role.blobs) size += pool.count * blob_stride(pool);
  return size;
}

/// Receive buffers and blocks of pools together.
constexpr std::uint32_t block_count(const RoleTable& role) {
  std::uint32_t count = role.receive_buffers;
  for (const BlobPoolTable& pool : role.blobs) count += pool.count;
  return count;
}

/// Bytes of scratch memory of a shard: those of the type that wants most, and a guard behind them.
constexpr std::size_t scratch_size(const RoleTable& role) {
  std::size_t most = 0;
  for (const TypeTable& type : role.types) {
    if (type.slots > 0 && type.scratch > most) most = type.scratch;
  }
  return most == 0 ? 0 : most + sizeof(ScratchGuard);
}

/// Whether slots of the type have lists of who watches whom.
constexpr bool has_watches(const TypeTable& type) { return type.watched || type.monitors > 0; }

/// Bytes of a message in a ring before its payload, and of the payload of an answer before the
/// results.
inline constexpr std::size_t kRemoteHeaderSize = 16;
inline constexpr std::size_t kAnswerHeaderSize = 8;

/// Slots of a ring that the largest answer to the role takes; 0: nothing is ever answered to it.
constexpr std::uint32_t answer_slots(const RoleTable& role) {
  bool answers = false;
  std::size_t results = 0;
  for (const TypeTable& type : role.types) {
    if (type.slots == 0) continue;
    answers = answers || type.calls > 0 || type.monitors > 0;
    results = type.result_size > results ? type.result_size : results;
  }
  const std::size_t bytes = kRemoteHeaderSize + kAnswerHeaderSize + results;
  return answers ? static_cast<std::uint32_t>(round_up(bytes, kRingSlotSize) / kRingSlotSize) : 0;
}

/// Answers that a shard may wait for from one shard behind a channel, at once: calls without their
/// answer, monitors without their Down. Half of the ring back is kept for them, if there are any.
constexpr std::uint32_t promises(const RoleTable& role, const InboundTable& inbound) {
  const std::uint32_t slots = inbound.answers ? answer_slots(role) : 0;
  if (slots == 0 || inbound.places / 2 < 2 * slots) return 0;
  return (inbound.places / 2 - (slots - 1)) / slots;
}

/// Slots of that ring that only an answer may use: for m promises of n slots, m * n + n - 1.
constexpr std::uint32_t promised_slots(const RoleTable& role, const InboundTable& inbound) {
  const std::uint32_t kept = promises(role, inbound);
  return kept == 0 ? 0 : kept * answer_slots(role) + answer_slots(role) - 1;
}

/// Isolates of a shard of the role that one shard behind a channel may monitor at once.
constexpr std::uint32_t watches(const RoleTable& role, const InboundTable& inbound) {
  bool watched = false;
  for (const TypeTable& type : role.types) watched = watched || (type.watched && type.slots > 0);
  return watched ? inbound.places / 2 : 0;
}

/// Monitors of a shard: those of its own isolates, then a place for each that another shard may
/// have here.
constexpr std::size_t own_monitors(const RoleTable& role) {
  std::size_t monitors = 0;
  for (const TypeTable& type : role.types) monitors += std::size_t{type.slots} * type.monitors;
  return monitors;
}
constexpr std::size_t monitor_places(const RoleTable& role) {
  std::size_t places = own_monitors(role);
  for (const InboundTable& inbound : role.inbound) {
    places += std::size_t{inbound.shards} * watches(role, inbound);
  }
  return places;
}

/// Calls `visit(index)` for supervisor `root` of a role and for each one below it, parents first.
/// The generator refuses trees that contain themselves.
template <class Visit>
constexpr void for_each_supervisor(const RoleTable& role, std::size_t root, const Visit& visit) {
  visit(root);
  for (const ChildTable& child : role.supervisors[root].children) {
    if (child.supervisor != kNoSupervisor) for_each_supervisor(role, child.supervisor, visit);
  }
}

/// The index of a role's root among its supervisors.
constexpr std::size_t root_index(const RoleTable& role) {
  return static_cast<std::size_t>(role.root - role.supervisors.data());
}

/// Records that a place in a tree needs: one per static child, one for a supervisor or a group.
constexpr std::uint32_t child_records(const ChildTable& child) {
  return child.dynamic || child.supervisor != kNoSupervisor ? 1 : child.max;
}

/// Bytes of the ring that one peer shard writes towards this one.
constexpr std::size_t ring_size(const InboundTable& inbound) {
  return kRingControlSize + std::size_t{inbound.places} * kRingSlotSize;
}

/// Bytes of all rings towards one shard of a role, channel after channel.
constexpr std::size_t inbound_size(const RoleTable& role) {
  std::size_t size = 0;
  for (const InboundTable& inbound : role.inbound) size += inbound.shards * ring_size(inbound);
  return size;
}

/// Whether a child is an isolate that stands in the spec, which has a record of its own.
constexpr bool is_static(const ChildTable& child) {
  return !child.dynamic && child.supervisor == kNoSupervisor;
}

/// Whether the tree of a role has the type as such a child.
constexpr bool is_static_child(const RoleTable& role, const TypeTable& type) {
  bool found = false;
  for_each_supervisor(role, root_index(role), [&](std::size_t index) {
    for (const ChildTable& child : role.supervisors[index].children) {
      found = found || (is_static(child) && child.type == type.id);
    }
  });
  return found;
}

/// Calls `visit(part's name, bytes)` for each thing that an isolate costs while it rests, beyond
/// what its spec declares: state, mailbox, init, I/O objects, timers, calls, monitors, kept blocks.
template <class Visit>
constexpr void for_each_idle_part(const RoleTable& role, const TypeTable& type, Visit visit) {
  visit("slot meta", sizeof(SlotMeta));
  visit("slot record", sizeof(SlotRecord));
  visit("ready ring", sizeof(std::uint32_t));
  visit("free ring", sizeof(std::uint32_t));
  visit("rounding", state_rounding(type));
  visit("watch list", has_watches(type) ? sizeof(WatchRecord) : 0);
  visit("heard", type.news == 0 ? 0 : sizeof(HeardRecord));
  visit("child", is_static_child(role, type) ? kChildRecordSize : 0);
}

/// Calls `visit(Region)` for every region in order and returns the arena's size in bytes. Empty
/// parts are left out. Cost: O(types). Any thread; also at compile time.
template <class Visit>
constexpr std::size_t for_each_region(const RoleTable& role, Visit visit) {
  std::size_t at = 0;
  const auto place = [&at, &visit](Part part, std::uint16_t type, std::size_t size) {
    if (size == 0) return;
    visit(Region{part, type, at, size});
    at = round_up(at + size, kCacheLine) + kCanarySize;
  };
  place(Part::kTypeBlocks, 0, role.types.size() * kTypeBlockSize);
  for (std::uint16_t i = 0; i < role.types.size(); ++i) {
    const TypeTable& type = role.types[i];
    const std::size_t slots = type.slots;
    place(Part::kStates, i, slots * (type.state_size + state_rounding(type)));
    place(Part::kMeta, i, slots * sizeof(SlotMeta));
    place(Part::kRecords, i, slots * sizeof(SlotRecord));
    place(Part::kEntries, i, queue_places(type) * entry_stride(type.payload_size));
    place(Part::kInits, i, slots * round_up(type.init_size, 8));
    place(Part::kResults, i, slots * type.records * sizeof(ResultRecord));
    place(Part::kObjects, i, slots * type.ios.size() * sizeof(IoObject));
    place(Part::kOperands, i, slots * operands_before(type, type.ios.size()));
    place(Part::kReady, i, slots * sizeof(std::uint32_t));
    place(Part::kFree, i, slots * sizeof(std::uint32_t));
    place(Part::kCalls, i, slots * type.calls * call_stride(type));
    place(Part::kOpenCalls, i, slots * type.open * sizeof(OpenCall));
    place(Part::kWatches, i, has_watches(type) ? slots * sizeof(WatchRecord) : 0);
    place(Part::kKept, i, slots * type.kept * sizeof(std::uint32_t));
    place(Part::kHeard, i, type.news == 0 ? 0 : slots * sizeof(HeardRecord));
    place(Part::kDeferred, i, deferred_places(type) * deferred_stride(type));
  }
  std::size_t timers = 0;
  for (const TypeTable& type : role.types)
    timers += std::size_t{type.slots} * timers_per_slot(type);
  place(Part::kTimers, 0, timers * kTimerNodeSize);
  place(Part::kMonitors, 0, monitor_places(role) * sizeof(MonitorRecord));
  place(Part::kBuffers, 0, std::size_t{role.receive_buffers} * role.receive_buffer_size);
  place(Part::kBlobs, 0, blobs_size(role));
  place(Part::kBufferRecords, 0, block_count(role) * sizeof(BlockRecord));
  place(Part::kScratch, 0, scratch_size(role));
  std::size_t children = 0;
  std::size_t restarts = 0;
  std::size_t places = 0;
  for_each_supervisor(role, root_index(role), [&](std::size_t index) {
    restarts += role.supervisors[index].restarts;
    for (const ChildTable& child : role.supervisors[index].children)
      children += child_records(child);
  });
  for (const SupervisorTable& supervisor : role.supervisors) places += supervisor.children.size();
  place(Part::kChildren, 0, children * kChildRecordSize);
  place(Part::kSupervisors, 0, role.supervisors.size() * kSupervisorRecordSize);
  place(Part::kPlaces, 0, places * sizeof(std::uint32_t));
  place(Part::kRestartWindow, 0, restarts * sizeof(std::uint64_t));
  place(Part::kInboundRings, 0, inbound_size(role));
  place(Part::kLog, 0, kLogRecords * kLogRecordSize);
  return at;
}

/// The arena's size in bytes.
constexpr std::size_t arena_size(const RoleTable& role) {
  return for_each_region(role, [](const Region&) {});
}

}  // namespace tina::internal
