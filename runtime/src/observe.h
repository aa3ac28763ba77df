// SPDX-License-Identifier: Apache-2.0
// What a shard lets others see: a ring of binary log records and a page of counters. The shard
// writes both without blocking, formatting or a system call; a reader thread turns records into
// lines, and any process may map the page. Invariants: one writer (the shard), one reader per ring;
// a full ring counts the record as lost and stalls nobody; counters only grow, except the gauges.
#pragma once

#include <array>
#include <atomic>
#include <span>

#include "tina/context.h"
#include "tina/shard_core.h"

namespace tina::internal {

enum class LogKind : std::uint8_t { kEvent, kCrash, kSlow };

/// One record; pointers are string literals or names in the generated tables. In a crash record
/// `event` is the reason. No payload byte of a message is ever in it.
struct LogRecord {
  std::uint64_t time_ns;
  const char* event;
  const char* type;
  const char* state;
  const char* message;
  std::array<Field, 4> fields;
  std::uint64_t address;               ///< of the faulting access
  std::array<std::uint64_t, 5> stack;  ///< return addresses, innermost first, 0 ends it
  std::uint32_t slot;
  std::uint32_t restarts;
  std::uint16_t shard;
  std::uint16_t place;  ///< in the supervision tree, of a crash
  Level level;
  LogKind kind;
  std::uint8_t signal;  ///< 0: not a signal
  std::uint8_t field_count;
};
static_assert(sizeof(LogRecord) <= 192);

/// Single producer (the shard), single consumer (the log thread).
class LogRing {
 public:
  void start(std::span<std::byte> memory) { memory_ = memory.data(); }

  /// A place for the next record, or null: full, counted as lost. Producer.
  LogRecord* reserve();
  /// Hands the reserved record over. Producer.
  void commit();
  /// Whether records have been committed since the last call. Producer.
  bool has_news() {
    const std::uint64_t written = written_.load(std::memory_order_relaxed);
    if (written == announced_) return false;
    announced_ = written;
    return true;
  }
  /// The oldest record, or null. Consumer.
  const LogRecord* peek() const;
  /// Frees the oldest record. Consumer.
  void pop();
  /// Records refused so far. Any thread.
  std::uint64_t lost() const { return lost_.load(std::memory_order_relaxed); }

 private:
  LogRecord* at(std::uint64_t number) const;

  std::byte* memory_ = nullptr;
  std::uint64_t announced_ = 0;
  alignas(kCacheLine) std::atomic<std::uint64_t> written_{0};
  std::atomic<std::uint64_t> lost_{0};
  alignas(kCacheLine) std::atomic<std::uint64_t> read_{0};
};

/// Writes a record as one logfmt line with its newline; returns its length. The path of a crash is
/// found in the tree of `role`. Never more than `line.size()` bytes. Log thread.
[[gnu::cold]] std::size_t format_line(const LogRecord& record, const RoleTable& role,
                                      std::span<char> line);

/// Counts and gauges of one shard.
struct ShardCounters {
  std::uint64_t passes, sleeps, crashes, memory_faults, restarts, log_lost;
  std::uint64_t reads_parked, buffers_free, operations_in_flight, ring_refused, phase;
  std::uint64_t remote_sent, remote_taken, connects_given_up, blocks_taken, blocks_returned;
  std::uint64_t blobs_free, blobs_exhausted, shard_restarts, scratch_refused, slots_retired;
  std::uint64_t remote_accepted, remote_shed, remote_rejected, remote_notes, remote_lost;
  std::uint64_t pass_ns_max, handlers_slow, handlers_endless, system_calls;
  std::uint64_t resolves, resolves_given_up, streams_sent, streams_taken, streams_dropped;
};
inline constexpr std::array<const char*, 35> kShardCounterNames = {"passes",
                                                                   "sleeps",
                                                                   "crashes",
                                                                   "memory_faults",
                                                                   "restarts",
                                                                   "log_lost",
                                                                   "reads_parked",
                                                                   "buffers_free",
                                                                   "operations_in_flight",
                                                                   "ring_refused",
                                                                   "phase",
                                                                   "remote_sent",
                                                                   "remote_taken",
                                                                   "connects_given_up",
                                                                   "blocks_taken",
                                                                   "blocks_returned",
                                                                   "blobs_free",
                                                                   "blobs_exhausted",
                                                                   "shard_restarts",
                                                                   "scratch_refused",
                                                                   "slots_retired",
                                                                   "remote_accepted",
                                                                   "remote_shed",
                                                                   "remote_rejected",
                                                                   "remote_notes",
                                                                   "remote_lost",
                                                                   "pass_ns_max",
                                                                   "handlers_slow",
                                                                   "handlers_endless",
                                                                   "system_calls",
                                                                   "resolves",
                                                                   "resolves_given_up",
                                                                   "streams_sent",
                                                                   "streams_taken",
                                                                   "streams_dropped"};
inline constexpr std::array<const char*, 29> kTypeCounterNames = {
    "accepted",     "delivered",    "refused_full",   "refused_dead", "stale",
    "spawned",      "spawn_full",   "ended",          "crashed",      "restarted",
    "results",      "deferred",     "waiting",        "rejected",     "expired",
    "calls",        "outstanding",  "replied",        "timed_out",    "abandoned",
    "late",         "call_full",    "call_ring_full", "call_dead",    "call_quarantined",
    "call_refused", "call_crashed", "call_ended",     "downs"};
static_assert(sizeof(ShardCounters) == sizeof(std::uint64_t) * kShardCounterNames.size());
static_assert(sizeof(TypeCounters) == sizeof(std::uint64_t) * kTypeCounterNames.size());

/// The counter page: a header, then per shard its counters and those of each type with its live
/// count. The format is fixed so that another process reads it (`counters FILE`).
struct CounterPage {
  static constexpr std::uint64_t kMagic = 0x3430'5245'544e'4354;
  static constexpr unsigned kNameSize = 32;

  struct TypeRow {
    TypeCounters count;
    std::uint64_t queued;
    std::uint64_t live;
    std::uint64_t slots;  ///< 0: this shard never runs one
  };
  struct ShardRow {
    char role[kNameSize];
    std::uint64_t version;  ///< odd while the row is written
    ShardCounters count;
    std::array<TypeRow, kTypesMax> types;
  };

  std::uint64_t magic;
  std::uint32_t shards;
  std::uint32_t types;
  std::uint64_t process;
  std::atomic<std::uint64_t> allocations_after_boot;
  std::uint64_t allocations_counted;  ///< 1: an allocation guard is linked in
  char system[kNameSize];
  char type_names[kTypesMax][kNameSize];
  ShardRow shard[];

  static constexpr std::size_t size(unsigned shard_count) {
    return sizeof(CounterPage) + shard_count * sizeof(ShardRow);
  }
};

/// Copies a shard's row while nobody writes it: all its counts are of one moment. False: it was
/// written each time, or left half written, and is copied as it is. Any process; O(types).
bool read_row(const CounterPage& page, unsigned shard, CounterPage::ShardRow& copy);

/// Copies a shard's counters to its row. O(types). Shard's thread.
void publish(CounterPage& page, const ShardCore& core, const ShardCounters& counters);

}  // namespace tina::internal
