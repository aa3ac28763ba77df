// SPDX-License-Identifier: Apache-2.0
// The channel of one ordered pair of shards: a bounded, lock-free queue of messages with one
// producer and one consumer, in memory that is handed in.
//
// Why: shards share nothing, so all that crosses goes through here, and an idle shard must be able
// to sleep without losing a message. What is costly is the cache line that moves between two cores,
// so it moves as seldom as possible: each side keeps its own index and a cached copy of the
// opposite one; the producer publishes all messages of a pass with one write, the consumer gives
// back all space of a drain with one write.
//
// Layout: 64-byte slots. A message starts with its header (tina/outbound.h) and takes as many
// consecutive slots as it needs. If these do not fit before the end of the memory, a skip marker
// fills the rest and the message starts over at slot 0. Indices count slots and never wrap (64
// bits). What a handler sends in one slot is written by tina/context.h, by the same rules.
//
// Invariants: head <= tail <= head + capacity; slots in [head, tail) belong to the consumer, all
// others to the producer; a message that is not committed does not exist, so a fault while it is
// being written leaves no trace.
//
// Sleep and wake: publish() is a seq_cst read-modify-write and empty_for_sleeper() a seq_cst load,
// because the producer writes the tail, then reads the consumer's SleepFlag, while the consumer
// writes its flag, then reads the tail: one of them must see the other. See src/sleep_flag.h.
//
// Sources: Lamport, "Proving the Correctness of Multiprocess Programs" (1977), for the queue
// without locks; FastForward (PPoPP 2008) and MCRingBuffer (2010) for cached indices and batches;
// Aeron's ring buffers for records in consecutive slots with padding; folly's ProducerConsumerQueue
// for brevity. Owners: the producer's shard and the consumer's shard, each for its part of the
// interface.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <type_traits>

#include "tina/outbound.h"

namespace tina::internal {

/// The unit of a ring's memory: one cache line.
struct alignas(kCacheLine) RingSlot {
  std::byte bytes[kCacheLine];

  /// Of the first slot of a message: its header, and what follows that.
  RemoteHeader header() const {
    RemoteHeader header;
    std::memcpy(&header, bytes, sizeof(header));
    return header;
  }
  std::byte* data() { return bytes + sizeof(RemoteHeader); }

  /// Of the first slot of a message, or of a skip marker.
  bool skips() const { return header().size == RemoteHeader::kSkip; }
  std::uint64_t slots() const { return skips() ? header().to : ring_slots(header().size); }
};
static_assert(sizeof(RingSlot) == kCacheLine);

/// A single-producer single-consumer ring. Five cache lines, placed in an arena beside its slots.
class Ring {
 public:
  /// Bytes of a message that share the first slot with the header. Payloads are 8-byte aligned.
  static constexpr std::uint32_t kFirstSlotBytes = kCacheLine - sizeof(RemoteHeader);

  /// Takes `slots`, a power of two of them. The last `promised_slots` free ones are kept for
  /// try_reserve_promised: for m promises of messages of n slots, m * n + n - 1 always suffice.
  /// Before either shard runs.
  explicit Ring(std::span<RingSlot> slots, std::uint32_t promised_slots = 0);
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;

  /// Slots in all.
  [[nodiscard]] std::uint64_t capacity() const { return mask_ + 1; }

  /// The largest message that an empty ring always takes: half of it, or one slot.
  [[nodiscard]] std::uint32_t size_bytes_max() const;

  // The producer's side.

  /// A place for a message of `header.size` bytes (at most size_bytes_max()), its header written,
  /// or null if the ring is full. It counts only after commit(); another reserve instead abandons
  /// it.
  [[nodiscard]] std::byte* try_reserve(const RemoteHeader& header) {
    return reserve(header, promised_slots_);
  }

  /// The same for a message whose place was promised, such as an answer: may use the kept slots.
  [[nodiscard]] std::byte* try_reserve_promised(const RemoteHeader& header) {
    return reserve(header, 0);
  }

  /// Appends the reserved message to what the next publish() shows.
  void commit() {
    TINA_ASSERT(writer_.reserved_slots > 0);
    writer_.written += writer_.reserved_slots;
    writer_.more += writer_.reserved_slots - 1;
    writer_.reserved_slots = 0;
  }

  /// Shows all committed messages to the consumer; true if there were any. The caller then asks the
  /// consumer's SleepFlag. One locked instruction, once per pass.
  [[nodiscard]] bool publish() {
    if (writer_.written == writer_.published) return false;
    writer_.published = writer_.written;
    // seq_cst: release pairs with the acquire in drain(), so that messages are seen filled; the
    // total order pairs with the seq_cst load in empty_for_sleeper(), so that this write and the
    // following load in SleepFlag::should_wake() cannot both be missed.
    tail_.exchange(writer_.written, std::memory_order_seq_cst);
    return true;
  }

  /// Messages that were committed so far.
  [[nodiscard]] std::uint64_t sent() const { return writer_.written - writer_.more; }

  /// Messages that the consumer has thrown away so far.
  [[nodiscard]] std::uint64_t shed() const { return shed_.load(std::memory_order_relaxed); }

  /// For the inline way of a message of one slot: it takes the place `written`, if that is before
  /// `room_until`, and commits by moving that on.
  [[nodiscard]] RingWriter& writer() { return writer_; }

  // The consumer's side.

  /// Goes past the oldest messages, about `slots_max` slots of them. Calls `take(at, stop)` with
  /// the first slot of a message; up to `stop` there are whole messages, or a skip marker behind
  /// some. It goes past one message or more, and returns where it stopped. What was taken stays
  /// readable, and writable by the consumer, until release(). Moves one cache line per publish, and
  /// those of the messages.
  template <class Take>
  void drain(std::uint32_t slots_max, Take&& take);

  /// Messages that were taken found no room, or nobody. The producer learns it with the next
  /// release().
  void count_shed(std::uint32_t messages) { consumer_.shed += messages; }

  /// Gives the slots of all taken messages back to the producer. Once per drain.
  void release() {
    if (consumer_.read == consumer_.released) return;
    consumer_.released = consumer_.read;
    // relaxed: a count for people; it lies beside head_, so it costs no cache line of its own.
    shed_.store(consumer_.shed, std::memory_order_relaxed);
    // release: pairs with the acquire in reserve(); reads of the messages come before their reuse.
    head_.store(consumer_.read, std::memory_order_release);
  }

  /// Whether nothing is published beyond what was taken: the recheck of a consumer after
  /// SleepFlag::announce_sleep(). Reads the producer's line.
  [[nodiscard]] bool empty_for_sleeper() const {
    // seq_cst: pairs with the exchange in publish(); see there.
    return tail_.load(std::memory_order_seq_cst) == consumer_.read;
  }

  // Whose side is left over: one of the two has ended for good, or both.

  /// Whether nobody has said so before. The caller then may visit_rest().
  [[nodiscard]] bool claim_rest() {
    // acq_rel: the second of two that ask sees what the first has done.
    return !rest_claimed_.exchange(true, std::memory_order_acq_rel);
  }
  /// Calls `visit(RingSlot&)` with each message that is published and was not taken; it may be
  /// written. What is published later is not seen, so the producer has ended or calls this itself.
  template <class Visit>
  void visit_rest(Visit&& visit);

  /// Messages that are committed and not taken. Walks them: for checks, while neither side runs.
  [[nodiscard]] std::uint64_t count_unread() const;

 private:
  struct alignas(kCacheLine) Consumer {
    std::uint64_t read = 0;         // end of the taken messages
    std::uint64_t released = 0;     // what head_ holds
    std::uint64_t cached_tail = 0;  // at or before tail_
    std::uint64_t shed = 0;         // messages
  };

  std::byte* at(std::uint64_t slot) const { return slots_[slot & mask_].bytes; }
  std::byte* reserve(const RemoteHeader& header, std::uint32_t kept_slots);

  // Read by both sides, never written after construction.
  RingSlot* slots_;
  std::uint64_t mask_;
  std::uint32_t promised_slots_;
  RingWriter writer_;
  alignas(kCacheLine) std::atomic<std::uint64_t> tail_{0};  // written by the producer alone
  alignas(kCacheLine) std::atomic<std::uint64_t> head_{0};  // written by the consumer alone
  std::atomic<std::uint64_t> shed_{0};                      // likewise
  std::atomic<bool> rest_claimed_{false};                   // by either side, at its end
  Consumer consumer_;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(std::is_trivially_destructible_v<Ring>, "the arena is wiped, not destroyed");

inline Ring::Ring(std::span<RingSlot> slots, std::uint32_t promised_slots)
    : slots_(slots.data()), mask_(slots.size() - 1), promised_slots_(promised_slots) {
  TINA_ASSERT(std::has_single_bit(slots.size()));
  TINA_ASSERT(promised_slots < slots.size());
  writer_.slots = slots.data()->bytes;
  writer_.mask = mask_;
  writer_.room_until = slots.size() - promised_slots;
}

inline std::uint32_t Ring::size_bytes_max() const {
  const std::uint64_t slots = capacity() > 1 ? capacity() / 2 : 1;
  const std::uint64_t bytes = slots * kCacheLine - sizeof(RemoteHeader);
  return bytes < RemoteHeader::kSkip ? static_cast<std::uint32_t>(bytes) : RemoteHeader::kSkip - 1;
}

inline std::byte* Ring::reserve(const RemoteHeader& header, std::uint32_t kept_slots) {
  TINA_ASSERT(header.size <= size_bytes_max());
  RingWriter& writer = writer_;
  const std::uint32_t slots = ring_slots(header.size);
  const std::uint64_t to_end = capacity() - (writer.written & mask_);
  const auto skipped = slots > to_end ? static_cast<std::uint32_t>(to_end) : 0U;
  const std::uint64_t end = writer.written + skipped + slots + kept_slots;
  writer.reserved_slots = 0;
  if (end > writer.cached_head + capacity()) {
    // acquire: pairs with the release in release(); the consumer is done with the slots before
    // head.
    writer.cached_head = head_.load(std::memory_order_acquire);
    writer.room_until = writer.cached_head + capacity() - promised_slots_;
    if (end > writer.cached_head + capacity()) return nullptr;
  }
  if (skipped > 0) {
    RemoteHeader skip = header;
    skip.to = skipped;
    skip.size = RemoteHeader::kSkip;
    std::memcpy(at(writer.written), &skip, sizeof(skip));
  }
  std::byte* first = at(writer.written + skipped);
  std::memcpy(first, &header, sizeof(header));
  writer.reserved_slots = skipped + slots;
  return first + sizeof(header);
}

template <class Take>
inline void Ring::drain(std::uint32_t slots_max, Take&& take) {
  for (std::uint64_t left = slots_max; left > 0;) {
    const std::uint64_t read = consumer_.read;
    if (read == consumer_.cached_tail) {
      // acquire: pairs with the exchange in publish(); what was filled before it is seen here.
      consumer_.cached_tail = tail_.load(std::memory_order_acquire);
      if (read == consumer_.cached_tail) return;
    }
    const std::uint64_t to_end = capacity() - (read & mask_);
    const std::uint64_t row = std::min({consumer_.cached_tail - read, to_end, left});
    RingSlot* const first = &slots_[read & mask_];
    RingSlot* const stop = first + row;
    RingSlot* at = first;
    while (at < stop && !at->skips()) at = take(at, stop);
    const auto gone = static_cast<std::uint64_t>(at - first);
    consumer_.read = read + gone;
    if (at < stop) consumer_.read += at->slots();  // to the end of the memory
    left -= std::min(gone, left);
  }
}

template <class Visit>
inline void Ring::visit_rest(Visit&& visit) {
  // acquire: pairs with the release in release() and the exchange in publish().
  const std::uint64_t tail = tail_.load(std::memory_order_acquire);
  for (std::uint64_t at = head_.load(std::memory_order_acquire); at != tail;) {
    RingSlot& first = slots_[at & mask_];
    if (!first.skips()) visit(first);
    at += first.slots();
  }
}

inline std::uint64_t Ring::count_unread() const {
  std::uint64_t count = 0;
  for (std::uint64_t slot = consumer_.read; slot != writer_.written;) {
    const RingSlot& first = slots_[slot & mask_];
    if (!first.skips()) ++count;
    slot += first.slots();
  }
  return count;
}

}  // namespace tina::internal
