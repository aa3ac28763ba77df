// SPDX-License-Identifier: Apache-2.0
// What is in the sample page: everybody can tell each byte from its place.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pages {

constexpr std::byte sample_byte(std::uint64_t place) {
  return static_cast<std::byte>(place * 2654435761U >> 13);
}

/// Counted over all visitors, for properties of the simulated world. One thread.
inline std::uint64_t whole = 0;
inline std::uint64_t cut_off = 0;

}  // namespace pages
