// SPDX-License-Identifier: Apache-2.0
// The colder half of the timing wheel: jumping, opening buckets, looking ahead and the audit. It is
// apart from wheel.h because it needs no inlining; the rules and invariants stand there.
// Owner: the shard's thread alone.
#include "src/wheel.h"

namespace tina::internal {

Wheel::Wheel(std::span<TimerNode> nodes, std::uint64_t start_tick)
    : nodes_(nodes), position_(start_tick) {
  TINA_ASSERT(nodes.size() < kNil);
  for (TimerNode& timer : nodes_) timer.place = 0;
  for (unsigned level = 0; level < kLevels; ++level) opened_[level] = number_of(start_tick, level);
}

/// The number of the first non-empty bucket of a level that holds a timer. All of them lie in the
/// position's group of 64 or in the one after it, so one of two words decides.
std::uint64_t Wheel::first_number(unsigned level) const {
  TINA_DCHECK((levels_ >> level & 1U) != 0);
  const std::uint64_t group = number_of(position_, level) & ~std::uint64_t{63};
  const std::uint64_t* words = &filled_[kWordsPerLevel * level];
  const std::uint64_t half = group / 64 % kWordsPerLevel;
  const std::uint64_t here = words[half];
  if (here != 0) return group + static_cast<unsigned>(std::countr_zero(here));
  return group + 64 + static_cast<unsigned>(std::countr_zero(words[half ^ 1]));
}

/// The tick at which the first non-empty bucket of any level begins; kNever if there is none.
std::uint64_t Wheel::next_start() const {
  std::uint64_t least = kNever;
  for (std::uint32_t rest = levels_; rest != 0; rest &= rest - 1) {
    const auto level = static_cast<unsigned>(std::countr_zero(rest));
    least = std::min(least, start_of(first_number(level), level));
  }
  return least;
}

std::uint64_t Wheel::next_expiry_bound() const {
  std::uint64_t least = kNever;
  for (std::uint32_t rest = levels_; rest != 0; rest &= rest - 1) {
    const auto level = static_cast<unsigned>(std::countr_zero(rest));
    least = std::min(least, due_of(first_number(level), level));
  }
  return std::max(least, position_);
}

/// Moves the position to `tick`, which no timer precedes and no non-empty closed bucket crosses.
void Wheel::move_to(std::uint64_t tick) {
  TINA_DCHECK(tick > position_ && path_top_ == 0);
  const auto width = static_cast<unsigned>(std::bit_width(tick ^ position_));
  position_ = tick;
  path_top_ = (width - 1) / kLevelBits;
}

/// Opens the position's buckets from the top down; false if the budget ran out first.
bool Wheel::open_path(std::uint32_t& work_left) {
  for (; path_top_ > 0; --path_top_) {
    const std::uint64_t number = number_of(position_, path_top_);
    if (opened_[path_top_] >= number) continue;
    if (!open_bucket(number, path_top_, work_left)) return false;
  }
  return true;
}

/// Moves the timers of a bucket one level down, in order; false if the budget ran out first.
bool Wheel::open_bucket(std::uint64_t number, unsigned level, std::uint32_t& work_left) {
  TINA_DCHECK(level > 0 && number > opened_[level]);
  const std::uint32_t place = place_of(number, level);
  Bucket& bucket = buckets_[place];
  std::uint32_t index = bucket.head;
  if (index != kNil) {
    while (index != kNil && work_left > 0) {
      const TimerNode& timer = node(index);
      const std::uint32_t next = timer.next;
      if (next != kNil) __builtin_prefetch(&node(next), 1);
      __builtin_prefetch(&nodes_[timer.later], 1);
      append(index, place_of(number_of(timer.expires_tick, level - 1), level - 1));
      --work_left;
      index = next;
    }
    bucket.head = index;
    if (index != kNil) {
      node(index).previous = kNil;
      return false;
    }
    bucket.tail = kNil;
    mark_empty(place);
  }
  opened_[level] = number;
  return true;
}

/// Opens the next bucket of each level whose lead has begun, earliest first. Runs when the position
/// is done. At most one bucket per level opens, so at most levels^2 rounds.
void Wheel::look_ahead(std::uint32_t& work_left) {
  unsigned level = 1;
  while (level < kLevels) {
    const std::uint64_t next = number_of(position_, level) + 1;
    if (next > number_of(kNever, level) || start_of(next, level) - position_ > kLeadTicks) return;
    const bool parent_is_open = level + 1 == kLevels || number_of(next, 1) <= opened_[level + 1];
    if (opened_[level] >= next || !parent_is_open) {
      ++level;
      continue;
    }
    if (!open_bucket(next, level, work_left)) return;
    level = level > 1 ? level - 1 : 1;  // its child may be openable now
  }
}

bool Wheel::audit_bucket(std::uint32_t place, std::uint32_t& seen) const {
  const Bucket& bucket = buckets_[place];
  const unsigned level = place / kBucketsPerLevel;
  const bool filled = (filled_[place / 64] >> (place % 64) & 1U) != 0;
  if (filled != (bucket.head != kNil) || filled != (bucket.tail != kNil)) return false;
  if (filled && (levels_ >> level & 1U) == 0) return false;
  std::uint32_t previous = kNil;
  for (std::uint32_t index = bucket.head; index != kNil; index = nodes_[index].next) {
    if (index >= nodes_.size() || ++seen > live_count_) return false;
    const TimerNode& timer = nodes_[index];
    const std::uint64_t number = number_of(timer.expires_tick, level);
    if (timer.place != place + 1 || timer.previous != previous) return false;
    if (timer.expires_tick < position_ || place_of(number, level) != place) return false;
    if (level > 0 && number <= opened_[level]) return false;
    if (number - number_of(position_, level) >= kBucketsPerLevel) return false;
    previous = index;
  }
  return bucket.tail == previous;
}

bool Wheel::audit() const {
  std::uint32_t seen = 0;
  for (std::uint32_t place = 0; place < buckets_.size(); ++place) {
    if (!audit_bucket(place, seen)) return false;
  }
  for (unsigned level = 1; level < kLevels; ++level) {
    const std::uint64_t here = number_of(position_, level);
    if (opened_[level] > here + 1 || (opened_[level] < here && level > path_top_)) return false;
    if (level + 1 < kLevels && number_of(opened_[level], 1) > opened_[level + 1]) return false;
  }
  std::uint32_t armed_count = 0;
  for (const TimerNode& timer : nodes_) armed_count += timer.place != 0 ? 1U : 0U;
  return seen == live_count_ && armed_count == live_count_ && bound_ <= next_expiry_bound();
}

}  // namespace tina::internal
