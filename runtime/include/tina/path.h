// SPDX-License-Identifier: Apache-2.0
// Where a file is: a path of up to 255 bytes, relative to the working directory or absolute. Plain
// data of 260 bytes, so it travels in messages. What is no path is a path all the same, of which
// every operation says why: remote input may be put into one as it is. Any thread.
#pragma once

#include <array>
#include <cerrno>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace tina::fs {

/// `fs.path` in `.tina`.
struct Path {
  static constexpr std::size_t kMost = 255;

  std::uint16_t size = 0;
  std::uint16_t error = ENOENT;   ///< errno with which every operation on it ends; 0: none
  std::array<char, 256> bytes{};  ///< ended by a NUL

  constexpr Path() = default;
  /// More than 255 bytes are ENAMETOOLONG, a NUL among them is EINVAL, none is ENOENT.
  constexpr Path(std::string_view text) {  // NOLINT: implicit by design
    error = 0;
    if (text.empty()) error = ENOENT;
    if (text.size() > kMost) error = ENAMETOOLONG;
    for (std::size_t i = 0; i < text.size() && error == 0; ++i) {
      if (text[i] == '\0') error = EINVAL;
      bytes[i] = text[i];
    }
    if (error == 0) size = static_cast<std::uint16_t>(text.size());
  }
  constexpr Path(const char* text) : Path(std::string_view(text)) {}  // NOLINT: implicit by design

  constexpr bool ok() const { return error == 0; }
  constexpr std::string_view text() const { return {bytes.data(), ok() ? size : 0U}; }
  const char* c_str() const { return bytes.data(); }
  /// One that came in a message is what its sender made of it; this is 0 or the errno of what
  /// cannot go to a kernel.
  constexpr std::int32_t why_not() const {
    if (error != 0) return error;
    if (size == 0 || size > kMost) return EINVAL;
    for (std::size_t i = 0; i < size; ++i) {
      if (bytes[i] == '\0') return EINVAL;
    }
    return bytes[size] == '\0' ? 0 : EINVAL;
  }

  friend constexpr bool operator==(const Path&, const Path&) = default;
};
static_assert(sizeof(Path) == 260 && alignof(Path) == 2 && std::is_trivially_copyable_v<Path>);

using path = Path;

}  // namespace tina::fs
