// SPDX-License-Identifier: Apache-2.0
// A map of bounded size for an isolate's state: open addressing, no tombstones. Invariant:
// trivially destructible, so a crash needs no clean-up; nothing here allocates; what it does
// depends on its contents only, so a simulation repeats. Not to be shared between threads.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <string_view>
#include <utility>

#include "tina/count.h"
#include "tina/handle.h"

namespace tina {

/// Turns a key into a number; specialise it for further types of keys.
template <class Key>
struct Hash;

namespace internal {

constexpr std::uint64_t mixed(std::uint64_t bits) {  // the finaliser of splitmix64
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
  return bits ^ (bits >> 31);
}

}  // namespace internal

template <class Key>
  requires std::is_integral_v<Key> || std::is_enum_v<Key>
struct Hash<Key> {
  constexpr std::uint64_t operator()(Key key) const {
    return internal::mixed(static_cast<std::uint64_t>(key));
  }
};

template <>
struct Hash<Handle> {
  constexpr std::uint64_t operator()(Handle key) const { return internal::mixed(key.bits); }
};

template <class Isolate>
struct Hash<Ref<Isolate>> {
  constexpr std::uint64_t operator()(Ref<Isolate> key) const {
    return internal::mixed(key.handle.bits);
  }
};

/// Texts, such as `String<N>`.
template <class Key>
  requires std::is_convertible_v<const Key&, std::string_view>
struct Hash<Key> {
  constexpr std::uint64_t operator()(std::string_view key) const {
    std::uint64_t bits = 0xcbf29ce484222325u;  // FNV-1a
    for (const char c : key) bits = (bits ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
    return internal::mixed(bits);
  }
};

/// At most `kCapacity` keys with a value each. Looking up, inserting and erasing take O(1) on
/// average and O(capacity) at worst.
template <class Key, class Value, std::size_t kCapacity>
class InlineMap {
  static_assert(internal::Plain<Key> && internal::Plain<Value>, "a map holds plain data");
  static_assert(kCapacity > 0 && kCapacity < (std::size_t{1} << 30));

 public:
  struct Entry {
    Key key{};
    Value value{};
  };

  static constexpr std::size_t capacity() { return kCapacity; }
  constexpr std::size_t size() const { return count_; }
  constexpr bool empty() const { return count_ == 0; }
  constexpr bool full() const { return count_ == kCapacity; }

  /// The key's value, null if it has none. Valid until the map changes.
  constexpr Value* find(const Key& key) {
    const std::size_t place = place_of(key);
    return used_[place] ? &entries_[place].value : nullptr;
  }
  constexpr const Value* find(const Key& key) const {
    const std::size_t place = place_of(key);
    return used_[place] ? &entries_[place].value : nullptr;
  }
  constexpr bool contains(const Key& key) const { return find(key) != nullptr; }
  /// The value of a key that is there (TINA_ASSERT).
  constexpr Value& at(const Key& key) {
    Value* found = find(key);
    TINA_ASSERT(found != nullptr);
    return *found;
  }

  /// The key's value, a new one if it has none; null if there is no room for one.
  [[nodiscard]] constexpr Value* find_or_insert(const Key& key) {
    const std::size_t place = place_of(key);
    if (!used_[place]) {
      if (full()) return nullptr;
      entries_[place] = Entry{key, Value{}};
      used_[place] = true;
      ++count_;
    }
    return &entries_[place].value;
  }
  /// Gives the key this value, whether it has one or not; false if there is no room.
  [[nodiscard]] constexpr bool insert_or_assign(const Key& key, const Value& value) {
    Value* found = find_or_insert(key);
    if (found == nullptr) return false;
    *found = value;
    return true;
  }
  /// Takes the key away; false if it is not there.
  constexpr bool erase(const Key& key) {
    std::size_t hole = place_of(key);
    if (!used_[hole]) return false;
    // Whoever could lie in the hole moves there, so that no look-up stops too early.
    for (std::size_t next = after(hole); used_[next]; next = after(next)) {
      const std::size_t home = home_of(entries_[next].key);
      if (((next - home) & kMask) >= ((next - hole) & kMask)) {
        entries_[hole] = entries_[next];
        hole = next;
      }
    }
    entries_[hole] = Entry{};
    used_[hole] = false;
    --count_;
    return true;
  }
  constexpr void clear() { *this = InlineMap(); }

  /// Calls `visit(key, value)` for each key. The order is the same for the same history.
  template <class Visit>
  constexpr void for_each(Visit visit) {
    for (std::size_t place = 0; place < kPlaces; ++place) {
      if (used_[place]) visit(std::as_const(entries_[place].key), entries_[place].value);
    }
  }
  template <class Visit>
  constexpr void for_each(Visit visit) const {
    for (std::size_t place = 0; place < kPlaces; ++place) {
      if (used_[place]) visit(entries_[place].key, entries_[place].value);
    }
  }

 private:
  // A third of the places or more is always free, so runs stay short.
  static constexpr std::size_t kPlaces = std::bit_ceil(kCapacity + kCapacity / 2 + 1);
  static constexpr std::size_t kMask = kPlaces - 1;

  static constexpr std::size_t after(std::size_t place) { return (place + 1) & kMask; }
  static constexpr std::size_t home_of(const Key& key) {
    return static_cast<std::size_t>(Hash<Key>{}(key)) & kMask;
  }
  /// Where the key is, or else where it would be put.
  constexpr std::size_t place_of(const Key& key) const {
    std::size_t place = home_of(key);
    while (used_[place] && !(entries_[place].key == key)) place = after(place);
    return place;
  }

  std::uint32_t count_ = 0;
  std::array<bool, kPlaces> used_{};
  std::array<Entry, kPlaces> entries_{};
};

}  // namespace tina
