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
// Layout: 64-byte slots. A message starts with an 8-byte header and takes as many consecutive slots
// as it needs. If these do not fit before the end of the memory, a skip marker fills the rest and
// the message starts over at slot 0. Indices count slots and never wrap (64 bits).
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

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <type_traits>

#include "tina/base.h"

namespace tina::internal {

/// The unit of a ring's memory: one cache line.
struct alignas(kCacheLine) RingSlot {
  std::byte bytes[kCacheLine];
};
static_assert(sizeof(RingSlot) == kCacheLine);

/// A single-producer single-consumer ring. Four cache lines, placed in an arena beside its slots.
class Ring {
 public:
  /// Bytes of a message that share the first slot with the header. Payloads are 8-byte aligned.
  static constexpr std::uint32_t kFirstSlotBytes = kCacheLine - 8;

  /// A message at the head of the ring: valid, and writable by the consumer, until release().
  struct Message {
    std::byte* data = nullptr;
    std::uint32_t size_bytes = 0;
    explicit operator bool() const { return data != nullptr; }
  };

  /// Slots that a message of `size_bytes` takes.
  static constexpr std::uint32_t slots_of(std::uint32_t size_bytes) {
    constexpr std::uint32_t kSlot = kCacheLine;
    if (size_bytes <= kFirstSlotBytes) return 1;
    return 1 + (size_bytes - kFirstSlotBytes - 1) / kSlot + 1;
  }

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

  /// A place for a message of `size_bytes` (at most size_bytes_max()), or null if the ring is full.
  /// It counts only after commit(); another reserve instead abandons it.
  [[nodiscard]] std::byte* try_reserve(std::uint32_t size_bytes) {
    return reserve(size_bytes, capacity() - promised_slots_);
  }

  /// The same for a message whose place was promised, such as an answer: may use the kept slots.
  [[nodiscard]] std::byte* try_reserve_promised(std::uint32_t size_bytes) {
    return reserve(size_bytes, capacity());
  }

  /// Appends the reserved message to what the next publish() shows.
  void commit() {
    TINA_ASSERT(producer_.reserved_slots > 0);
    producer_.written += producer_.reserved_slots;
    producer_.reserved_slots = 0;
  }

  /// Shows all committed messages to the consumer; true if there were any. The caller then asks the
  /// consumer's SleepFlag. One locked instruction, once per pass.
  [[nodiscard]] bool publish() {
    if (producer_.written == producer_.published) return false;
    producer_.published = producer_.written;
    // seq_cst: release pairs with the acquire in peek(), so that messages are seen filled; the
    // total order pairs with the seq_cst load in empty_for_sleeper(), so that this write and the
    // following load in SleepFlag::should_wake() cannot both be missed.
    tail_.exchange(producer_.written, std::memory_order_seq_cst);
    return true;
  }

  /// Messages that the consumer has thrown away so far.
  [[nodiscard]] std::uint64_t shed() const { return shed_.load(std::memory_order_relaxed); }

  // The consumer's side.

  /// The oldest message that is not popped, or none. Moves one cache line per publish.
  [[nodiscard]] Message peek();

  /// Goes past the message that peek() has shown; it stays readable until release().
  void pop() {
    TINA_ASSERT(consumer_.shown_slots > 0);
    consumer_.read += consumer_.shown_slots;
    consumer_.shown_slots = 0;
  }

  /// A popped message found no room, or nobody. The producer learns it with the next release().
  void count_shed() { ++consumer_.shed; }

  /// Gives the slots of all popped messages back to the producer. Once per drain.
  void release() {
    if (consumer_.read == consumer_.released) return;
    consumer_.released = consumer_.read;
    // relaxed: a count for people; it lies beside head_, so it costs no cache line of its own.
    shed_.store(consumer_.shed, std::memory_order_relaxed);
    // release: pairs with the acquire in reserve(); reads of the messages come before their reuse.
    head_.store(consumer_.read, std::memory_order_release);
  }

  /// Whether nothing is published beyond what was popped: the recheck of a consumer after
  /// SleepFlag::announce_sleep(). Reads the producer's line.
  [[nodiscard]] bool empty_for_sleeper() const {
    // seq_cst: pairs with the exchange in publish(); see there.
    return tail_.load(std::memory_order_seq_cst) == consumer_.read;
  }

  /// Messages that are committed and not popped. Walks them: for checks, while neither side runs.
  [[nodiscard]] std::uint64_t count_unread() const;

 private:
  struct Header {
    std::uint32_t size_bytes;  // of the payload, or kSkip
    std::uint32_t slots;
  };
  static_assert(sizeof(Header) == kCacheLine - kFirstSlotBytes);
  static constexpr std::uint32_t kSkip = std::numeric_limits<std::uint32_t>::max();

  struct alignas(kCacheLine) Producer {
    std::uint64_t written = 0;         // end of the committed messages
    std::uint64_t published = 0;       // what tail_ holds
    std::uint64_t cached_head = 0;     // at or before head_
    std::uint32_t reserved_slots = 0;  // skip marker included
  };
  struct alignas(kCacheLine) Consumer {
    std::uint64_t read = 0;         // end of the popped messages
    std::uint64_t released = 0;     // what head_ holds
    std::uint64_t cached_tail = 0;  // at or before tail_
    std::uint64_t shed = 0;         // messages
    std::uint32_t shown_slots = 0;
  };

  std::byte* at(std::uint64_t slot) const { return slots_[slot & mask_].bytes; }
  std::byte* reserve(std::uint32_t size_bytes, std::uint64_t limit_slots);

  // Read by both sides, never written after construction.
  RingSlot* slots_;
  std::uint64_t mask_;
  std::uint32_t promised_slots_;
  Producer producer_;
  alignas(kCacheLine) std::atomic<std::uint64_t> tail_{0};  // written by the producer alone
  alignas(kCacheLine) std::atomic<std::uint64_t> head_{0};  // written by the consumer alone
  std::atomic<std::uint64_t> shed_{0};                      // likewise
  Consumer consumer_;
};
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
static_assert(std::is_trivially_destructible_v<Ring>, "the arena is wiped, not destroyed");

inline Ring::Ring(std::span<RingSlot> slots, std::uint32_t promised_slots)
    : slots_(slots.data()), mask_(slots.size() - 1), promised_slots_(promised_slots) {
  TINA_ASSERT(std::has_single_bit(slots.size()));
  TINA_ASSERT(promised_slots < slots.size());
}

inline std::uint32_t Ring::size_bytes_max() const {
  const std::uint64_t slots = capacity() > 1 ? capacity() / 2 : 1;
  const std::uint64_t bytes = slots * kCacheLine - sizeof(Header);
  return bytes < kSkip ? static_cast<std::uint32_t>(bytes) : kSkip - 1;
}

inline std::byte* Ring::reserve(std::uint32_t size_bytes, std::uint64_t limit_slots) {
  TINA_ASSERT(size_bytes <= size_bytes_max());
  const std::uint32_t slots = slots_of(size_bytes);
  const std::uint64_t to_end = capacity() - (producer_.written & mask_);
  const auto skipped = slots > to_end ? static_cast<std::uint32_t>(to_end) : 0U;
  const std::uint64_t end = producer_.written + skipped + slots;
  producer_.reserved_slots = 0;
  if (end - producer_.cached_head > limit_slots) {
    // acquire: pairs with the release in release(); the consumer is done with the slots before
    // head.
    producer_.cached_head = head_.load(std::memory_order_acquire);
    if (end - producer_.cached_head > limit_slots) return nullptr;
  }
  if (skipped > 0) {
    const Header skip{kSkip, skipped};
    std::memcpy(at(producer_.written), &skip, sizeof(skip));
  }
  std::byte* first = at(producer_.written + skipped);
  const Header header{size_bytes, slots};
  std::memcpy(first, &header, sizeof(header));
  producer_.reserved_slots = skipped + slots;
  return first + sizeof(header);
}

inline Ring::Message Ring::peek() {
  if (consumer_.read == consumer_.cached_tail) {
    // acquire: pairs with the exchange in publish(); what was filled before it is seen here.
    consumer_.cached_tail = tail_.load(std::memory_order_acquire);
    if (consumer_.read == consumer_.cached_tail) return {};
  }
  Header header;
  std::memcpy(&header, at(consumer_.read), sizeof(header));
  if (header.size_bytes == kSkip) {  // published together with the message after it
    consumer_.read += header.slots;
    TINA_DCHECK(consumer_.read < consumer_.cached_tail);
    std::memcpy(&header, at(consumer_.read), sizeof(header));
  }
  TINA_DCHECK(header.slots == slots_of(header.size_bytes));
  consumer_.shown_slots = header.slots;
  return {at(consumer_.read) + sizeof(header), header.size_bytes};
}

inline std::uint64_t Ring::count_unread() const {
  std::uint64_t count = 0;
  for (std::uint64_t slot = consumer_.read; slot != producer_.written;) {
    Header header;
    std::memcpy(&header, at(slot), sizeof(header));
    if (header.size_bytes != kSkip) ++count;
    slot += header.slots;
  }
  return count;
}

}  // namespace tina::internal
