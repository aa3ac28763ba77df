// SPDX-License-Identifier: Apache-2.0
// Lists of bounded size and values that may be missing: `list<T, N>` and `option<T>` in `.tina`.
// Invariant: an element that is not in the list is as if new, so what is gone leaves no trace in a
// message. Trivially copyable if `T` is; nothing here allocates. Not to be shared between threads.
#pragma once

#include <array>
#include <initializer_list>
#include <span>

#include "tina/count.h"

namespace tina {

/// At most `kCapacity` elements in order. An index beyond the end, or an element too many, is an
/// error of the caller (TINA_ASSERT); the `try_` form asks first.
template <class T, std::size_t kCapacity>
class List {
  static_assert(internal::Plain<T>, "a list holds plain data");

 public:
  constexpr List() = default;
  constexpr List(std::initializer_list<T> items) {
    TINA_ASSERT(items.size() <= kCapacity);
    for (const T& item : items) items_[count_++] = item;
  }

  static constexpr std::size_t capacity() { return kCapacity; }
  constexpr std::size_t size() const { return count_; }
  constexpr bool empty() const { return count_ == 0; }
  constexpr bool full() const { return count_ == kCapacity; }
  constexpr std::span<const T> items() const { return {items_.data(), count_}; }
  constexpr std::span<T> items() { return {items_.data(), count_}; }
  constexpr const T& operator[](std::size_t index) const {
    TINA_ASSERT(index < count_);
    return items_[index];
  }
  constexpr T& operator[](std::size_t index) {
    TINA_ASSERT(index < count_);
    return items_[index];
  }
  constexpr const T& front() const { return (*this)[0]; }
  constexpr const T& back() const { return (*this)[std::size_t{count_} - 1]; }
  constexpr const T* begin() const { return items_.data(); }
  constexpr const T* end() const { return items_.data() + count_; }
  constexpr T* begin() { return items_.data(); }
  constexpr T* end() { return items_.data() + count_; }

  /// Adds an element at the end. O(1).
  constexpr void push_back(const T& item) { TINA_ASSERT(try_push_back(item)); }
  /// The same; false if there is no room.
  [[nodiscard]] constexpr bool try_push_back(const T& item) {
    if (full()) return false;
    items_[count_++] = item;
    return true;
  }
  /// Takes the last element away. O(1).
  constexpr void pop_back() {
    TINA_ASSERT(count_ > 0);
    items_[--count_] = T{};
  }
  /// Takes one element away; those behind it move up. O(size).
  constexpr void erase(std::size_t index) {
    TINA_ASSERT(index < count_);
    for (std::size_t next = index + 1; next < count_; ++next) items_[next - 1] = items_[next];
    pop_back();
  }
  constexpr void clear() { *this = List(); }

  friend constexpr bool operator==(const List& a, const List& b) {
    if (a.count_ != b.count_) return false;
    for (std::size_t index = 0; index < a.count_; ++index) {
      if (!(a.items_[index] == b.items_[index])) return false;
    }
    return true;
  }

 private:
  internal::Count<T, kCapacity> count_ = 0;
  std::array<T, internal::room(sizeof(T), alignof(T), kCapacity)> items_{};
};

/// A value or none. Reading the value of none is an error of the caller (TINA_ASSERT).
template <class T>
class Option {
  static_assert(internal::Plain<T>, "an option holds plain data");

 public:
  constexpr Option() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): a value may stand where there may be one.
  constexpr Option(const T& value) : present_(1), value_(value) {}

  constexpr bool has_value() const { return present_ != 0; }
  constexpr explicit operator bool() const { return has_value(); }
  constexpr const T& value() const {
    TINA_ASSERT(has_value());
    return value_;
  }
  constexpr T& value() {
    TINA_ASSERT(has_value());
    return value_;
  }
  constexpr const T& operator*() const { return value(); }
  constexpr T& operator*() { return value(); }
  constexpr const T* operator->() const { return &value(); }
  constexpr T* operator->() { return &value(); }
  constexpr T value_or(const T& other) const { return has_value() ? value_ : other; }
  constexpr void reset() { *this = Option(); }

  friend constexpr bool operator==(const Option& a, const Option& b) {
    return a.present_ == b.present_ && (a.present_ == 0 || a.value_ == b.value_);
  }

 private:
  internal::Count<T, 1> present_ = 0;
  T value_{};
};

}  // namespace tina
