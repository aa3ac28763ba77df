// SPDX-License-Identifier: Apache-2.0
// How the containers of a spec count: with an integer that is wide enough for the capacity and as
// wide as the elements are aligned, so that no container has padding. The generator calculates the
// same numbers (codegen/tina_gen/layout.py), and generated code asserts them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <type_traits>

#include "tina/base.h"

namespace tina::internal {

/// The bytes of a count up to `capacity` in front of elements with this alignment.
constexpr std::size_t count_width(std::size_t capacity, std::size_t alignment) {
  const std::size_t least = capacity < (1u << 8) ? 1 : capacity < (1u << 16) ? 2 : 4;
  return alignment > least ? alignment : least;
}

/// The elements that a container has room for: the room is a multiple of the count's width.
constexpr std::size_t room(std::size_t size, std::size_t alignment, std::size_t capacity) {
  const std::size_t width = count_width(capacity, alignment);
  const std::size_t step = width / std::gcd(size, width);
  return (capacity + step - 1) / step * step;
}

template <std::size_t kWidth>
using Unsigned = std::conditional_t<
    kWidth == 1, std::uint8_t,
    std::conditional_t<kWidth == 2, std::uint16_t,
                       std::conditional_t<kWidth == 4, std::uint32_t, std::uint64_t>>>;

/// The count of a container of at most `kCapacity` elements of type `T`.
template <class T, std::size_t kCapacity>
using Count = Unsigned<count_width(kCapacity, alignof(T))>;

/// What lies in a message or in an isolate's state: copied as bytes and never destroyed.
template <class T>
concept Plain = std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>;

}  // namespace tina::internal
