// SPDX-License-Identifier: Apache-2.0
// The part of a shard that generated code sees: one block per isolate type with its queue, and what
// the handler now running is. Everything else of a shard is private to the runtime, so handlers
// compile once for production and simulation. Invariants: Σ pending of a type equals its queued
// entries; `phase` is kHandler exactly while user code runs. Owned by the shard's thread.
#pragma once

#include <array>
#include <cstdint>

#include "tina/handle.h"
#include "tina/op_traits.h"
#include "tina/outbound.h"
#include "tina/slot.h"
#include "tina/sys.h"
#include "tina/table.h"

namespace tina {
namespace internal {

/// Counts since boot, per isolate type. At every moment accepted = delivered + rejected + expired +
/// stale + queued + waiting, where `delivered` counts entries handed to a handler or to an `ignore`
/// clause; and calls = replied + timed_out + abandoned + outstanding + each call_…. `waiting` and
/// `outstanding` are gauges.
struct TypeCounters {
  std::uint64_t accepted, delivered, refused_full, refused_dead, stale;
  std::uint64_t spawned, spawn_full, ended, crashed, restarted, results, deferred;
  std::uint64_t waiting, rejected, expired;
  std::uint64_t calls, outstanding, replied, timed_out, abandoned, late;
  std::uint64_t call_full, call_ring_full, call_dead, call_quarantined;
  std::uint64_t call_refused, call_crashed, call_ended, downs;
};

/// One isolate type on one shard: a FIFO of (slot, generation, message) with `pending` per slot.
struct alignas(kCacheLine) TypeBlock {
  std::byte* entries;
  SlotMeta* meta;
  std::byte* states;
  std::uint32_t head, tail;  ///< byte offsets into `entries`; equal: empty
  std::uint32_t end;         ///< bytes of `entries`: one place more than `pending` admits
  std::uint32_t entry_stride, state_stride, slots, mailbox;
  TypeCounters count;

  std::uint32_t* ready;  ///< ring of slots with control or results to run
  std::uint32_t ready_head, ready_count;
  std::uint32_t share;  ///< calls of a full round that are this type's
  std::uint32_t turns;  ///< calls while both ready slots and messages waited
  std::uint32_t ahead;  ///< results that went ahead of the message at `ahead_of`
  std::uint32_t ahead_of;
  std::uint32_t* free;  ///< first in, first out, so that generations age evenly
  std::uint32_t free_head, free_count;

  std::byte* inits;
  std::uint32_t init_stride, live;
  ResultRecord* results;
  IoObject* objects;
  SlotRecord* records;
  std::uint32_t timer_base;       ///< first of the type's timers among the shard's
  std::uint32_t timers_per_slot;  ///< the state timeouts, the named ones, the limits of calls
  std::byte* timers;              ///< the first one's node in the shard's wheel
  std::uint32_t deferred_free;    ///< first free place of `deferred`
  std::byte* deferred;
  std::byte* calls;
  OpenCall* open_calls;
  WatchRecord* watches;
  std::uint32_t* kept;  ///< blocks that states keep; `table->kept` places for each slot
  HeardRecord* heard;
  std::byte* operands;
  std::uint32_t operand_stride;
  std::uint32_t call_stride;
  std::uint32_t monitor_base;  ///< first of the type's records among the shard's monitors
  std::uint32_t results_per_slot;
  std::uint32_t number;  ///< of the type
  bool owns_nothing;     ///< its isolates have nothing that their end must take back
  const TypeTable* table;

  EntryHeader* entry(std::uint32_t offset) {
    return reinterpret_cast<EntryHeader*>(entries + offset);
  }
  std::uint32_t after(std::uint32_t offset) const {
    return offset + entry_stride == end ? 0 : offset + entry_stride;
  }
  /// Entries in the queue. Divides: for reports and checks.
  std::uint32_t queued() const {
    return head == tail ? 0 : (tail > head ? tail - head : end - head + tail) / entry_stride;
  }
  DeferredHeader* deferred_at(std::uint32_t place) {
    const std::size_t stride = sizeof(DeferredHeader) + entry_stride;
    return reinterpret_cast<DeferredHeader*>(deferred + place * stride);
  }
  /// Whether a handle of this shard names an isolate that lives, started or about to start.
  bool lives(Handle who) const {
    const std::uint32_t slot = who.slot();
    return slot < slots && meta[slot].generation == who.generation() &&
           (meta[slot].flags & kLive) != 0;
  }
  std::byte* state(std::uint32_t slot) { return states + std::size_t{slot} * state_stride; }
  std::byte* init(std::uint32_t slot) { return inits + std::size_t{slot} * init_stride; }
  ResultRecord& result(std::uint32_t slot, unsigned record) {
    return results[std::size_t{slot} * results_per_slot + record];
  }
  IoObject& object(std::uint32_t slot, unsigned io) {
    return objects[std::size_t{slot} * table->ios.size() + io];
  }
  /// Where the operands of an I/O object lie. O(objects).
  std::byte* operands_of(std::uint32_t slot, unsigned io) {
    return operands + std::size_t{slot} * operand_stride + operands_before(*table, io);
  }
  /// The list of blocks of an I/O object that has the setting `gather`.
  Gather& gather(std::uint32_t slot, unsigned io) {
    return *reinterpret_cast<Gather*>(operands_of(slot, io) + lane_operands(table->ios[io]));
  }
  /// The buffers of a file that has the setting `scatter`.
  Scatter& scatter(std::uint32_t slot, unsigned io) {
    return *reinterpret_cast<Scatter*>(operands_of(slot, io) + kFileOperands);
  }
  /// The datagrams of one of which `has_batch`.
  Batch& batch(std::uint32_t slot, unsigned io) {
    return *reinterpret_cast<Batch*>(operands_of(slot, io) + 2 * sizeof(DatagramOperand));
  }
  /// What an object with the setting `read_ahead` has read; it lies behind everything else.
  ReadAhead& read_ahead(std::uint32_t slot, unsigned io) {
    const IoTable& of = table->ios[io];
    return *reinterpret_cast<ReadAhead*>(operands_of(slot, io) + operand_size(of) -
                                         read_ahead_size(of.read_ahead));
  }
  /// That of the lane whose operation is `op`.
  template <class Operand>
  Operand& operand(std::uint32_t slot, unsigned io, OpCode op) {
    return *reinterpret_cast<Operand*>(operands_of(slot, io) + traits(op).operand_offset);
  }
  /// The call behind result record `record` of a slot.
  CallRecord& call(std::uint32_t slot, unsigned record) {
    const std::size_t place = std::size_t{slot} * table->calls + (record - table->first_call);
    return *reinterpret_cast<CallRecord*>(calls + place * call_stride);
  }
  /// The same of a result record that is a call's.
  static CallRecord& call_of(const ResultRecord& result) {
    return *reinterpret_cast<CallRecord*>(const_cast<std::byte*>(result.data));
  }
  OpenCall& open_call(std::uint32_t slot, unsigned place) {
    return open_calls[std::size_t{slot} * table->open + place];
  }
};

/// What runs on the shard's thread. A fault is the isolate's only in kHandler.
enum class Phase : std::uint8_t { kRuntime, kHandler };

/// What the handler now running was called for; `tag` is a message's tag or a completion's bit.
enum class Event : std::uint8_t {
  kInit,
  kEnter,
  kMessage,
  kResult,
  kAfter,
  kShutdown,
  kDown,
  kNews
};

struct Running {
  std::uint32_t slot;
  std::uint16_t tag;
  std::uint8_t type;
  Event event;
};
static_assert(sizeof(Running) == 8);

/// What runs now, in two words. A message says itself whom it is for, so delivering one writes one
/// word; its entry stands behind the queue's head until its handler has returned.
struct RunningNow {
  const EntryHeader* message = nullptr;  ///< being handled; null: `other` says what runs
  Running other{};                       ///< its type holds for messages too

  Running get() const {
    if (message == nullptr) return other;
    return {message->slot(), message->tag(), other.type, Event::kMessage};
  }
  /// Field by field: nobody reads the word but after a fault.
  void set(Running running) {
    message = nullptr;
    other.slot = running.slot;
    other.tag = running.tag;
    other.type = running.type;
    other.event = running.event;
  }
};

/// Called before each handler when set: the simulator's trace and crash injection.
using DispatchHook = void (*)(ShardCore&, void* hook_data);

inline constexpr unsigned kTypesMax = 256;

/// Which types have queued entries or ready slots: a bit per type, 64 to a word.
class BusyTypes {
 public:
  /// Where the type is a constant, so are the word and the bit: one instruction.
  constexpr void set(unsigned type) { words_[type / 64] |= std::uint64_t{1} << (type % 64); }
  constexpr void clear(unsigned type) { words_[type / 64] &= ~(std::uint64_t{1} << (type % 64)); }
  constexpr std::uint64_t word(unsigned number) const { return words_[number]; }
  constexpr bool any() const { return (words_[0] | words_[1] | words_[2] | words_[3]) != 0; }
  /// Words to look at, of so many types: types that are not busy cost nothing beside busy ones with
  /// lower numbers.
  constexpr unsigned words_of(unsigned types) const {
    return (words_[1] | words_[2] | words_[3]) == 0 ? 1 : (types + 63) / 64;
  }

 private:
  std::array<std::uint64_t, kTypesMax / 64> words_{};
};
static_assert(sizeof(BusyTypes) == 4 * sizeof(std::uint64_t), "any() reads four words");

}  // namespace internal

/// One shard as generated code sees it.
struct ShardCore {
  internal::TypeBlock* types = nullptr;
  internal::BusyTypes busy_types;
  std::uint64_t home = 0;  ///< Handle::home of this shard
  ShardId shard{};
  std::uint16_t shards = 1;
  std::uint16_t type_count = 0;
  volatile internal::Phase phase = internal::Phase::kRuntime;
  internal::RunningNow running;
  Instant now;                               ///< of this pass
  std::int32_t transit_descriptor = -1;      ///< a connection that the running handler has
  std::uint32_t held = internal::kNoBuffer;  ///< first of the blocks that the running handler has
  std::byte* buffers = nullptr;
  std::byte* blobs = nullptr;
  internal::BlockRecord* blocks = nullptr;  ///< the receive buffers', then those of the pools
  std::uint32_t buffer_size = 0;
  std::uint32_t buffer_count = 0;
  std::uint32_t block_count = 0;
  internal::DispatchHook hook = nullptr;
  void* hook_data = nullptr;
  const internal::CallHeader* serving = nullptr;   ///< the call being handled, until it is answered
  sys::Down down;                                  ///< that is being handled
  sys::ShardRestarted shard_restarted;             ///< likewise
  sys::ShardQuarantined shard_quarantined;         ///< likewise
  internal::RingWriter* const* writers = nullptr;  ///< by receiving shard; null: no channel to it
  std::uint32_t writer_count = 0;
  std::byte* scratch = nullptr;  ///< for one handler at a time (tina/scratch.h)
};

namespace internal {

/// Marks user code as (not) running, so that a fault is charged to whom it belongs. Two plain
/// stores around a handler; the fences keep the compiler from moving work across them (a signal
/// handler on the same thread is the only reader).
inline void set_phase(ShardCore& core, Phase phase) {
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
  core.phase = phase;
  __atomic_signal_fence(__ATOMIC_SEQ_CST);
}

/// Takes the entry at the queue's `tail`, header and payload written, into the mailbox behind
/// `meta`, whose isolate lives and has room. The type's number is handed in: where it is a
/// constant, marking the type costs one instruction.
[[gnu::always_inline]] inline void append_entry(ShardCore& core, TypeBlock& type, unsigned number,
                                                std::uint32_t tail, SlotMeta& meta) {
  type.tail = type.after(tail);
  ++type.count.accepted;
  ++meta.pending;
  core.busy_types.set(number);
}

/// Takes the next place in the mailbox of `to` for what is written behind its header at once. Null,
/// and counted: nobody lives there, or the mailbox is full. O(1).
inline EntryHeader* take_place(ShardCore& core, unsigned number, Handle to, std::uint16_t tag) {
  TypeBlock& type = core.types[number];
  if (!type.lives(to)) [[unlikely]] {
    ++type.count.refused_dead;
    return nullptr;
  }
  SlotMeta& meta = type.meta[to.slot()];
  if (meta.pending >= type.mailbox) [[unlikely]] {
    ++type.count.refused_full;
    return nullptr;
  }
  const std::uint32_t tail = type.tail;
  EntryHeader* const entry = type.entry(tail);
  *entry = EntryHeader::of(to.bits ^ core.home, tag);
  append_entry(core, type, number, tail, meta);
  return entry;
}

}  // namespace internal
}  // namespace tina
