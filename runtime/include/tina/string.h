// SPDX-License-Identifier: Apache-2.0
// Strings and bytes of bounded size: `string<N>` and `bytes<N>` in `.tina`. Invariant: what lies
// behind the used bytes is zero, so equal values are equal as bytes. Trivially copyable; nothing
// here allocates. Not to be shared between threads.
#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <initializer_list>
#include <span>
#include <string_view>

#include "tina/count.h"

namespace tina {

/// At most `kCapacity` bytes of text. Text that does not fit is an error of the caller
/// (TINA_ASSERT); the `try_` forms ask first.
template <std::size_t kCapacity>
class String {
 public:
  constexpr String() = default;
  explicit constexpr String(std::string_view text) { assign(text); }
  constexpr String& operator=(std::string_view text) {
    assign(text);
    return *this;
  }

  static constexpr std::size_t capacity() { return kCapacity; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::string_view view() const { return {text_.data(), size_}; }
  // NOLINTNEXTLINE(google-explicit-constructor): a string may stand where its text is read.
  constexpr operator std::string_view() const { return view(); }
  constexpr char operator[](std::size_t index) const {
    TINA_ASSERT(index < size_);
    return text_[index];
  }
  constexpr auto begin() const { return view().begin(); }
  constexpr auto end() const { return view().end(); }

  /// Becomes `text`. O(capacity).
  constexpr void assign(std::string_view text) { TINA_ASSERT(try_assign(text)); }
  /// Becomes `text` if it fits; stays as it is and says false if not.
  [[nodiscard]] constexpr bool try_assign(std::string_view text) {
    if (text.size() > kCapacity) return false;
    clear();
    return try_append(text);
  }
  /// Adds `text` at the end. O(text).
  constexpr void append(std::string_view text) { TINA_ASSERT(try_append(text)); }
  [[nodiscard]] constexpr bool try_append(std::string_view text) {
    if (text.size() > kCapacity - size_) return false;
    std::ranges::copy(text, text_.begin() + size_);
    size_ = static_cast<Count>(size_ + text.size());
    return true;
  }
  constexpr void clear() {
    text_.fill('\0');
    size_ = 0;
  }

  friend constexpr bool operator==(const String& a, const String& b) {
    return a.view() == b.view();
  }
  friend constexpr auto operator<=>(const String& a, const String& b) {
    return a.view() <=> b.view();
  }
  friend constexpr bool operator==(const String& a, std::string_view b) { return a.view() == b; }

 private:
  using Count = internal::Count<char, kCapacity>;

  Count size_ = 0;
  std::array<char, internal::room(1, 1, kCapacity)> text_{};
};

/// At most `kCapacity` bytes of anything.
template <std::size_t kCapacity>
class Bytes {
 public:
  constexpr Bytes() = default;
  explicit constexpr Bytes(std::span<const std::byte> bytes) { assign(bytes); }
  constexpr Bytes(std::initializer_list<std::uint8_t> bytes) {
    TINA_ASSERT(bytes.size() <= kCapacity);
    for (const std::uint8_t byte : bytes) bytes_[size_++] = std::byte{byte};
  }

  static constexpr std::size_t capacity() { return kCapacity; }
  constexpr std::size_t size() const { return size_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::span<const std::byte> bytes() const { return {bytes_.data(), size_}; }
  constexpr std::byte operator[](std::size_t index) const {
    TINA_ASSERT(index < size_);
    return bytes_[index];
  }
  constexpr auto begin() const { return bytes_.begin(); }
  constexpr auto end() const { return bytes_.begin() + size_; }

  /// Becomes `bytes`. O(capacity).
  constexpr void assign(std::span<const std::byte> bytes) { TINA_ASSERT(try_assign(bytes)); }
  /// Becomes `bytes` if they fit; stays as it is and says false if not.
  [[nodiscard]] constexpr bool try_assign(std::span<const std::byte> bytes) {
    if (bytes.size() > kCapacity) return false;
    clear();
    return try_append(bytes);
  }
  /// Adds `bytes` at the end. O(bytes).
  constexpr void append(std::span<const std::byte> bytes) { TINA_ASSERT(try_append(bytes)); }
  [[nodiscard]] constexpr bool try_append(std::span<const std::byte> bytes) {
    if (bytes.size() > kCapacity - size_) return false;
    std::ranges::copy(bytes, bytes_.begin() + size_);
    size_ = static_cast<Count>(size_ + bytes.size());
    return true;
  }
  constexpr void clear() {
    bytes_.fill(std::byte{});
    size_ = 0;
  }

  friend constexpr bool operator==(const Bytes&, const Bytes&) = default;

 private:
  using Count = internal::Count<std::byte, kCapacity>;

  Count size_ = 0;
  std::array<std::byte, internal::room(1, 1, kCapacity)> bytes_{};
};

}  // namespace tina
