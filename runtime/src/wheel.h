// SPDX-License-Identifier: Apache-2.0
// The timing wheel of one shard: arms, cancels and fires up to 2^32 - 1 preallocated timers
// exactly.
//
// Why: every `after`, call limit and idle limit is a timer, most are cancelled before they fire,
// and a pass may not stall however many there are. So arming and cancelling are O(1), firing is
// exact (never early, in order of tick, first armed first within a tick), and every call has a work
// budget.
//
// How: hierarchical wheels (Varghese and Lauck, "Hashed and Hierarchical Timing Wheels", SOSP
// 1987), 64-way, 11 levels, so that any 64-bit tick has its place. Level k is split into buckets of
// 64^k ticks. A bucket is *open* once its timers have moved one level down; a timer always lies in
// the highest bucket of its path that is not open. 64-bit maps of the non-empty buckets let the
// wheel jump over idle time.
//
// The cascade is incremental. The open buckets of a level end at the current bucket or at the one
// after it, hence a level needs 2 x 64 buckets. Once a tick is done, what is left of the budget
// opens the *next* bucket of each level, from min(64^k, 4096) ticks before it begins. A bucket that
// is half open keeps its order: newcomers join its tail and move after those before them. Bound: a
// timer that is due fires at the latest in the call in which the summed budgets reach the timers
// due before it plus the moves left in buckets that begin no later than it; at most 10 moves per
// timer in its life. Look-ahead starves only while due work alone exhausts every budget.
//
// Invariants: position() never passes an armed timer's tick; opened_[k] is the position's bucket or
// the next one (less only while path_top_ >= k); parents open before children; a bucket's bit is
// set exactly if it holds a timer. Owner: the shard's thread alone; no atomics, no clock, no
// allocation.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <type_traits>

#include "tina/base.h"

namespace tina::internal {

/// One preallocated timer, named by its index in the span given to the wheel. `type` and `mark`
/// are for others: the wheel neither reads nor writes them, not even at construction.
struct TimerNode {
  std::uint64_t expires_tick = 0;
  std::uint32_t next = 0;
  std::uint32_t previous = 0;
  std::uint32_t later = 0;  // who joined this one's bucket some places behind it; a hint
  std::uint16_t place = 0;  // 1 + index of the bucket; 0 means not armed
  std::uint8_t type = 0;
  std::uint8_t mark = 0;
};
static_assert(sizeof(TimerNode) == 24 && alignof(TimerNode) == 8);
static_assert(std::is_trivially_destructible_v<TimerNode>);

/// All timers of one shard. About 27 KiB.
class Wheel {
 public:
  /// The bound of a wheel without timers.
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();
  /// Ticks before a bucket begins at which it may be opened ahead of time.
  static constexpr std::uint64_t kLeadTicks = 4096;
  /// A budget that keeps a pass below 200 us even if each unit, and its handler that arms the timer
  /// again, costs misses in every cache; and yet half a million timers a second where handlers make
  /// each pass as long as it may be.
  static constexpr std::uint32_t kWorkPerPass = 512;

  /// Takes the nodes, marks each as not armed, and starts at `start_tick`. O(nodes + buckets).
  explicit Wheel(std::span<TimerNode> nodes, std::uint64_t start_tick = 0);
  Wheel(const Wheel&) = delete;
  Wheel& operator=(const Wheel&) = delete;

  /// Arms timer `index` to fire at `expires_tick`; an armed timer moves to its new tick, behind
  /// those of the same tick. A tick before position() counts as position(): it fires in the next
  /// call of advance, or in this one from within `fire`. O(1).
  void arm(std::uint32_t index, std::uint64_t expires_tick);

  /// Disarms timer `index`; false if it was not armed. O(1); with arm
  /// 10-25 ns among 100 000 timers.
  bool cancel(std::uint32_t index);

  /// Whether timer `index` is armed. It no longer is when its `fire` runs.
  [[nodiscard]] bool armed(std::uint32_t index) const { return node(index).place != 0; }

  /// Number of armed timers.
  [[nodiscard]] std::uint32_t live_count() const { return live_count_; }

  /// The first tick that is not wholly fired: never above the last `now_tick`, and equal to it
  /// unless the budget ran out.
  [[nodiscard]] std::uint64_t position() const { return position_; }

  /// Calls `fire(index)` for each timer due at `now_tick`, by tick, then by order of arming, and
  /// opens far buckets. `work_budget` (> 0) bounds fires plus moves; what is left goes on in the
  /// next call. `fire` may arm and cancel any timer but not call advance. `now_tick` never goes
  /// back. Returns the work done: less than the budget means that nothing is left at this tick.
  /// `look(index, later)` is called before each fire of `index`, to fetch what a fire some places
  /// behind will touch, which is mostly that of `later`: a hint, which may name any timer. O(1)
  /// when nothing is to do, else O(work x levels).
  template <typename Fire, typename Look>
  std::uint32_t advance(std::uint64_t now_tick, std::uint32_t work_budget, Fire&& fire,
                        Look&& look);
  template <typename Fire>
  std::uint32_t advance(std::uint64_t now_tick, std::uint32_t work_budget, Fire&& fire) {
    return advance(now_tick, work_budget, fire, [](std::uint32_t, std::uint32_t) {});
  }

  /// The earliest tick at which advance has work, a fire or a move; kNever without timers. A call
  /// before it does nothing, and no timer is due before it. Exact, O(levels).
  [[nodiscard]] std::uint64_t next_expiry_bound() const;

  /// Checks every invariant of the structure; for tests and audits. O(nodes + buckets).
  [[nodiscard]] bool audit() const;

 private:
  static constexpr std::uint32_t kLookAhead = 8;  // joiners between a timer and its `later`
  static constexpr unsigned kLookLevels = 4;      // of these levels
  static constexpr std::uint32_t kNil = std::numeric_limits<std::uint32_t>::max();
  static constexpr unsigned kLevelBits = 6;
  static constexpr unsigned kLevels = 11;
  static constexpr unsigned kBucketsPerLevel = 128;
  static constexpr unsigned kWordsPerLevel = kBucketsPerLevel / 64;
  static_assert(kLevels * kLevelBits >= 64, "any tick has its place");
  static_assert(kLevels * kBucketsPerLevel < std::numeric_limits<std::uint16_t>::max());

  struct Bucket {
    std::uint32_t head = kNil;
    std::uint32_t tail = kNil;
  };
  /// The last that joined a bucket, in a ring.
  struct Joined {
    std::array<std::uint32_t, kLookAhead> last;
    std::uint32_t count;
  };

  static constexpr std::uint64_t number_of(std::uint64_t tick, unsigned level) {
    return tick >> (kLevelBits * level);
  }
  static constexpr std::uint64_t start_of(std::uint64_t number, unsigned level) {
    return number << (kLevelBits * level);
  }
  static constexpr std::uint32_t place_of(std::uint64_t number, unsigned level) {
    return level * kBucketsPerLevel + static_cast<std::uint32_t>(number % kBucketsPerLevel);
  }
  /// How long before a bucket of each level begins it may be opened: after the one before it.
  static constexpr std::array<std::uint64_t, kLevels> kLeads = [] {
    std::array<std::uint64_t, kLevels> leads{};
    for (unsigned k = 1; k < kLevels; ++k) {
      leads[k] = std::min(kLeadTicks, std::uint64_t{1} << (kLevelBits * k));
    }
    return leads;
  }();
  /// The first tick at which bucket `number` (not open) gives work.
  static constexpr std::uint64_t due_of(std::uint64_t number, unsigned level) {
    // Not below 0: a bucket above level 0 that is not open has a number above 0.
    return start_of(number, level) - kLeads[level];
  }

  TimerNode& node(std::uint32_t index) {
    TINA_DCHECK(index < nodes_.size());
    return nodes_[index];
  }
  const TimerNode& node(std::uint32_t index) const {
    TINA_DCHECK(index < nodes_.size());
    return nodes_[index];
  }

  unsigned level_of(std::uint64_t tick) const;
  void append(std::uint32_t index, std::uint32_t place);
  void note_joined(std::uint32_t index, std::uint32_t place, bool first);
  void unlink(std::uint32_t index);
  void mark_empty(std::uint32_t place);
  std::uint64_t first_number(unsigned level) const;
  std::uint64_t next_start() const;
  void move_to(std::uint64_t tick);
  bool open_path(std::uint32_t& work_left);
  bool open_bucket(std::uint64_t number, unsigned level, std::uint32_t& work_left);
  void look_ahead(std::uint32_t& work_left);
  bool audit_bucket(std::uint32_t place, std::uint32_t& seen) const;

  std::span<TimerNode> nodes_;
  std::uint64_t position_;
  std::uint64_t bound_ = kNever;  // at or below next_expiry_bound(): the quick way out of advance
  std::uint32_t live_count_ = 0;
  std::uint32_t levels_ = 0;    // bit k: level k holds a timer
  std::uint32_t path_top_ = 0;  // levels 1 .. path_top_ of the position's path may not be open yet
  std::array<std::uint64_t, kLevels> opened_{};  // number of the last open bucket; [0] is unused
  std::array<std::uint64_t, kLevels * kWordsPerLevel> filled_{};
  std::array<Bucket, kLevels * kBucketsPerLevel> buckets_{};
  std::array<Joined, kLookLevels * kBucketsPerLevel> joined_{};
};
static_assert(std::is_trivially_destructible_v<Wheel>, "the arena is wiped, not destroyed");

inline unsigned Wheel::level_of(std::uint64_t tick) const {
  const auto width = static_cast<unsigned>(std::bit_width((tick ^ position_) | 1));
  unsigned level = std::max((width - 1) / kLevelBits, path_top_);
  while (level > 0 && number_of(tick, level) <= opened_[level]) --level;
  return level;
}

/// Tells who joined kLookAhead joiners earlier about this one. A list can be walked only as fast as
/// one miss follows another; by these hints the nodes of a long bucket are fetched side by side.
/// They are not kept when timers leave: a wrong one costs a fetch that nobody needs.
inline void Wheel::note_joined(std::uint32_t index, std::uint32_t place, bool first) {
  if (place >= joined_.size()) return;
  Joined& joined = joined_[place];
  if (first) joined.last.fill(index);
  std::uint32_t& earlier = joined.last[joined.count++ % kLookAhead];
  node(earlier).later = index;
  earlier = index;
}

inline void Wheel::append(std::uint32_t index, std::uint32_t place) {
  TimerNode& timer = node(index);
  Bucket& bucket = buckets_[place];
  timer.next = kNil;
  timer.previous = bucket.tail;
  timer.place = static_cast<std::uint16_t>(place + 1);
  note_joined(index, place, bucket.tail == kNil);
  if (bucket.tail == kNil) {
    bucket.head = index;
    filled_[place / 64] |= std::uint64_t{1} << (place % 64);
    levels_ |= 1U << (place / kBucketsPerLevel);
  } else {
    node(bucket.tail).next = index;
  }
  bucket.tail = index;
}

inline void Wheel::mark_empty(std::uint32_t place) {
  const std::uint32_t level = place / kBucketsPerLevel;
  filled_[place / 64] &= ~(std::uint64_t{1} << (place % 64));
  if ((filled_[kWordsPerLevel * level] | filled_[kWordsPerLevel * level + 1]) == 0) {
    levels_ &= ~(1U << level);
  }
}

inline void Wheel::unlink(std::uint32_t index) {
  TimerNode& timer = node(index);
  TINA_DCHECK(timer.place != 0);
  const std::uint32_t place = timer.place - 1U;
  Bucket& bucket = buckets_[place];
  (timer.previous == kNil ? bucket.head : node(timer.previous).next) = timer.next;
  (timer.next == kNil ? bucket.tail : node(timer.next).previous) = timer.previous;
  timer.place = 0;
  if (bucket.head == kNil) mark_empty(place);
}

inline void Wheel::arm(std::uint32_t index, std::uint64_t expires_tick) {
  TINA_ASSERT(index < nodes_.size());
  if (node(index).place != 0) {
    unlink(index);
  } else {
    ++live_count_;
  }
  const std::uint64_t tick = std::max(expires_tick, position_);
  node(index).expires_tick = tick;
  const unsigned level = level_of(tick);
  const std::uint64_t number = number_of(tick, level);
  append(index, place_of(number, level));
  bound_ = std::min(bound_, due_of(number, level));
}

inline bool Wheel::cancel(std::uint32_t index) {
  TINA_ASSERT(index < nodes_.size());
  if (node(index).place == 0) return false;
  unlink(index);
  --live_count_;
  return true;
}

template <typename Fire, typename Look>
std::uint32_t Wheel::advance(std::uint64_t now_tick, std::uint32_t work_budget, Fire&& fire,
                             Look&& look) {
  if (now_tick == position_ && bound_ > now_tick) return 0;
  TINA_ASSERT(work_budget > 0);
  TINA_ASSERT(now_tick >= position_);
  std::uint32_t work_left = work_budget;
  // Each round but the last does one unit of work at least: it stops where a bucket holds timers.
  while (open_path(work_left)) {
    const Bucket& due = buckets_[place_of(position_, 0)];
    while (due.head != kNil && work_left > 0) {
      const std::uint32_t index = due.head;
      look(index, node(index).later);
      unlink(index);
      --live_count_;
      --work_left;
      fire(index);
    }
    if (due.head != kNil) break;
    if (position_ == now_tick) {
      look_ahead(work_left);
      break;
    }
    move_to(std::min(now_tick, next_start()));
  }
  bound_ = next_expiry_bound();
  return work_budget - work_left;
}

}  // namespace tina::internal
