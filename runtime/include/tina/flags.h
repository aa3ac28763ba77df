// SPDX-License-Identifier: Apache-2.0
// Sets of bits with names: `flags` in `.tina` become an `enum class` with these operators.
// Invariant: none of them leaves the underlying integer. Any thread may use it.
#pragma once

#include <type_traits>

/// Gives the set of flags `Flags` its operators, in the namespace where it is declared.
#define TINA_FLAGS(Flags)                                                          \
  constexpr Flags operator|(Flags a, Flags b) {                                    \
    using Bits = std::underlying_type_t<Flags>;                                    \
    return static_cast<Flags>(static_cast<Bits>(a) | static_cast<Bits>(b));        \
  }                                                                                \
  constexpr Flags operator&(Flags a, Flags b) {                                    \
    using Bits = std::underlying_type_t<Flags>;                                    \
    return static_cast<Flags>(static_cast<Bits>(a) & static_cast<Bits>(b));        \
  }                                                                                \
  constexpr Flags operator~(Flags a) {                                             \
    using Bits = std::underlying_type_t<Flags>;                                    \
    return static_cast<Flags>(static_cast<Bits>(~static_cast<Bits>(a)));           \
  }                                                                                \
  constexpr Flags& operator|=(Flags& a, Flags b) { return a = a | b; }             \
  constexpr Flags& operator&=(Flags& a, Flags b) { return a = a & b; }             \
  /** Whether all of `wanted` is in `set`. */                                      \
  constexpr bool has(Flags set, Flags wanted) { return (set & wanted) == wanted; } \
  static_assert(std::is_enum_v<Flags>)
