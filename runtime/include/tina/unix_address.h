// SPDX-License-Identifier: Apache-2.0
// Where a Unix socket stands or goes: a path of the file system ("/run/x.sock"), or a name that is
// no file ("@x", an abstract one). Plain data of 112 bytes, so it travels in messages. What is no
// address is one all the same, of which every operation says why: remote input may be put into one
// as it is. Any thread.
#pragma once

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace tina::net {

/// `net.unix_address` in `.tina`.
struct UnixAddress {
  static constexpr std::size_t kBytes = 108;            ///< of the kernel's form
  static constexpr std::size_t kPathMost = kBytes - 1;  ///< a NUL ends a path there
  static constexpr std::size_t kNameMost = kBytes;      ///< with the `@`

  std::uint16_t size = 0;
  std::uint16_t error = 0;  ///< errno with which every operation on it ends; 0: none
  std::array<char, kBytes> bytes{};

  /// No address: that of a socket that has none.
  constexpr UnixAddress() = default;
  /// More than 107 bytes of a path, or 108 of a name, are ENAMETOOLONG; a NUL in a path and a lone
  /// `@` are EINVAL; an empty text is ENOENT. A path that begins with `@` is written "./@…".
  constexpr UnixAddress(std::string_view text) {  // NOLINT: implicit by design
    const bool name = text.starts_with('@');
    if (text.empty()) error = ENOENT;
    if (text.size() > (name ? kNameMost : kPathMost)) error = ENAMETOOLONG;
    if (text == "@") error = EINVAL;
    for (std::size_t i = 0; i < text.size() && error == 0; ++i) {
      if (text[i] == '\0' && !name) error = EINVAL;
      bytes[i] = text[i];
    }
    if (error == 0) size = static_cast<std::uint16_t>(text.size());
  }
  constexpr UnixAddress(const char* text)  // NOLINT: implicit by design
      : UnixAddress(std::string_view(text)) {}

  constexpr bool is_abstract() const { return size > 0 && bytes[0] == '@'; }
  constexpr bool is_unnamed() const { return size == 0 && error == 0; }
  /// As it is written; empty of one that is none. An abstract name may have any bytes.
  constexpr std::string_view text() const {
    return {bytes.data(), error == 0 && size <= kBytes ? size : 0U};
  }
  /// One that came in a message is what its sender made of it; this is 0 or the errno of what
  /// cannot go to a kernel.
  constexpr std::int32_t why_not() const {
    if (error != 0) return error;
    if (size == 0 || size > kBytes) return EINVAL;
    if (is_abstract()) return size > 1 ? 0 : EINVAL;
    for (std::size_t i = 0; i < size; ++i) {
      if (bytes[i] == '\0') return EINVAL;
    }
    return size <= kPathMost ? 0 : ENAMETOOLONG;
  }

  friend constexpr bool operator==(const UnixAddress&, const UnixAddress&) = default;
};
static_assert(sizeof(UnixAddress) == 112 && alignof(UnixAddress) == 2 &&
              std::is_trivially_copyable_v<UnixAddress>);

using unix_address = UnixAddress;

}  // namespace tina::net
