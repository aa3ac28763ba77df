// SPDX-License-Identifier: Apache-2.0
// A bounded queue from any number of threads to one, for things of which there are never more than
// it has places: an operation's completion, a request of a lane. So it never refuses, and nobody
// waits. Invariants: each cell says by its sequence whose turn it is (a producer of round r writes
// where it finds position, the consumer reads where it finds position + 1); nothing allocates after
// `make_room`. Source: Dmitry Vyukov, "Bounded MPMC queue" (1024cores), of which this is the case
// of one consumer that needs no refusal.
#pragma once

#include <atomic>
#include <bit>
#include <cstdint>
#include <memory>

#include "tina/base.h"

namespace tina::internal {

template <class T>
class ManyToOne {
 public:
  /// Makes room for `places` things at once. Before any other call; the one that allocates.
  void make_room(std::uint32_t places) {
    const std::uint32_t cells = std::bit_ceil(places < 2 ? 2 : places);  // one alone has no turns
    cells_ = std::make_unique<Cell[]>(cells);
    mask_ = cells - 1;
    // relaxed: nobody else knows the queue yet.
    for (std::uint32_t i = 0; i < cells; ++i) cells_[i].turn.store(i, std::memory_order_relaxed);
  }

  /// Adds one. The caller knows that there is a place (TINA_ASSERT). Any thread; wait-free.
  void push(const T& value) {
    // relaxed: the turn of the cell orders what matters.
    const std::uint32_t position = tail_.fetch_add(1, std::memory_order_relaxed);
    Cell& cell = cells_[position & mask_];
    // acquire: pairs with the release in pop, which has left the cell.
    TINA_ASSERT(cell.turn.load(std::memory_order_acquire) == position);
    cell.value = value;
    // seq_cst: pairs with the acquire in pop; and it may not sink below the look at the consumer's
    // sleep flag that follows (Dekker's argument, src/sleep_flag.h).
    cell.turn.exchange(position + 1, std::memory_order_seq_cst);
  }

  /// Takes the oldest one; false: there is none yet. The consumer's thread.
  [[nodiscard]] bool pop(T& value) {
    Cell& cell = cells_[head_ & mask_];
    // acquire: pairs with the exchange in push.
    if (cell.turn.load(std::memory_order_acquire) != head_ + 1) return false;
    value = cell.value;
    // release: pairs with the acquire in push, a round later.
    cell.turn.store(head_ + mask_ + 1, std::memory_order_release);
    ++head_;
    return true;
  }

  /// Whether `pop` would take something. The consumer's thread; one load.
  [[nodiscard]] bool any() const {
    // acquire: pairs with the exchange in push.
    return cells_[head_ & mask_].turn.load(std::memory_order_acquire) == head_ + 1;
  }
  /// The same for a consumer that has announced its sleep.
  [[nodiscard]] bool any_for_sleeper() const {
    // seq_cst: pairs with the exchange in push; it may not rise above the announcement.
    return cells_[head_ & mask_].turn.load(std::memory_order_seq_cst) == head_ + 1;
  }

 private:
  struct Cell {
    std::atomic<std::uint32_t> turn{0};
    T value{};
  };

  std::unique_ptr<Cell[]> cells_;
  std::uint32_t mask_ = 0;
  std::uint32_t head_ = 0;  // the consumer's
  alignas(kCacheLine) std::atomic<std::uint32_t> tail_{0};
};

}  // namespace tina::internal
