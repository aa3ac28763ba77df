// SPDX-License-Identifier: Apache-2.0
// A queue of bounded size for an isolate's state. Invariant: trivially destructible, so a crash
// needs no clean-up; nothing here allocates. Not to be shared between threads.
#pragma once

#include <array>
#include <cstdint>

#include "tina/count.h"

namespace tina {

/// At most `kCapacity` elements, first in first out. Each operation is O(1). Reading what is not
/// there is an error of the caller (TINA_ASSERT).
template <class T, std::size_t kCapacity>
class RingBuffer {
  static_assert(internal::Plain<T>, "a ring buffer holds plain data");
  static_assert(kCapacity > 0 && kCapacity < (std::size_t{1} << 31));

 public:
  static constexpr std::size_t capacity() { return kCapacity; }
  constexpr std::size_t size() const { return count_; }
  constexpr bool empty() const { return count_ == 0; }
  constexpr bool full() const { return count_ == kCapacity; }

  /// The element `index` places behind the oldest one.
  constexpr const T& operator[](std::size_t index) const { return items_[place(index)]; }
  constexpr T& operator[](std::size_t index) { return items_[place(index)]; }
  constexpr const T& front() const { return (*this)[0]; }
  constexpr T& front() { return (*this)[0]; }
  constexpr const T& back() const { return (*this)[std::size_t{count_} - 1]; }
  constexpr T& back() { return (*this)[std::size_t{count_} - 1]; }

  /// Adds an element behind the newest one.
  constexpr void push_back(const T& item) { TINA_ASSERT(try_push_back(item)); }
  /// The same; false if there is no room.
  [[nodiscard]] constexpr bool try_push_back(const T& item) {
    if (full()) return false;
    items_[wrapped(head_ + count_)] = item;
    ++count_;
    return true;
  }
  /// Takes the oldest element away.
  constexpr T pop_front() {
    const T item = front();
    head_ = wrapped(head_ + 1);
    --count_;
    return item;
  }
  constexpr void clear() { head_ = count_ = 0; }

 private:
  static constexpr std::uint32_t wrapped(std::uint32_t place) {
    return place < kCapacity ? place : static_cast<std::uint32_t>(place - kCapacity);
  }
  constexpr std::uint32_t place(std::size_t index) const {
    TINA_ASSERT(index < count_);
    return wrapped(head_ + static_cast<std::uint32_t>(index));
  }

  std::uint32_t head_ = 0;
  std::uint32_t count_ = 0;
  std::array<T, kCapacity> items_{};
};

}  // namespace tina
