// SPDX-License-Identifier: Apache-2.0
// Sets of bits with names: `flags` in `.tina` become an `enum class` with these operators.
// Invariant: none of them leaves the underlying integer. Any thread may use it.
#pragma once

#include <cstdint>
#include <type_traits>

namespace tina::internal {

/// A set as a number: as wide as the operators need, so that nothing is promoted to a signed one.
template <class Flags>
constexpr std::uint64_t bits_of(Flags flags) {
  return static_cast<std::uint64_t>(flags);
}

/// Every bit of the integer behind a set.
template <class Flags>
constexpr std::uint64_t all_bits() {
  return static_cast<std::underlying_type_t<Flags>>(~std::uint64_t{0});
}

}  // namespace tina::internal

/// Gives the set of flags `Flags` its operators, in the namespace where it is declared.
#define TINA_FLAGS(Flags)                                                                   \
  constexpr Flags operator|(Flags a, Flags b) {                                             \
    return static_cast<Flags>(::tina::internal::bits_of(a) | ::tina::internal::bits_of(b)); \
  }                                                                                         \
  constexpr Flags operator&(Flags a, Flags b) {                                             \
    return static_cast<Flags>(::tina::internal::bits_of(a) & ::tina::internal::bits_of(b)); \
  }                                                                                         \
  constexpr Flags operator~(Flags a) {                                                      \
    return static_cast<Flags>(~::tina::internal::bits_of(a) &                               \
                              ::tina::internal::all_bits<Flags>());                         \
  }                                                                                         \
  constexpr Flags& operator|=(Flags& a, Flags b) { return a = a | b; }                      \
  constexpr Flags& operator&=(Flags& a, Flags b) { return a = a & b; }                      \
  /** Whether all of `wanted` is in `set`. */                                               \
  constexpr bool has(Flags set, Flags wanted) { return (set & wanted) == wanted; }          \
  static_assert(std::is_enum_v<Flags>)
