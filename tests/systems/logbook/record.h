// SPDX-License-Identifier: Apache-2.0
// A record as it lies in the file: a header, then text. What was written halfway, or was left there
// by an earlier write, is recognised by its number and its checksum. Pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace logbook {

struct Header {
  std::uint32_t size = 0;  ///< of all, with the header
  std::uint32_t checksum = 0;
  std::uint64_t number = 0;  ///< records before it
};
static_assert(sizeof(Header) == 16);

/// FNV-1a of what follows the checksum.
inline std::uint32_t checksum_of(std::span<const std::byte> record) {
  std::uint32_t sum = 2166136261u;
  for (const std::byte byte : record.subspan(offsetof(Header, number))) {
    sum = (sum ^ static_cast<std::uint8_t>(byte)) * 16777619u;
  }
  return sum;
}

/// Writes the header into its place at the front.
inline void seal(std::span<std::byte> record, std::uint64_t number) {
  Header header{static_cast<std::uint32_t>(record.size()), 0, number};
  std::memcpy(record.data(), &header, sizeof(header));
  header.checksum = checksum_of(record);
  std::memcpy(record.data(), &header, sizeof(header));
}

/// Bytes of the record at the front, if it is a whole one with this number; 0 otherwise.
inline std::size_t whole_record(std::span<const std::byte> bytes, std::uint64_t number) {
  Header header;
  if (bytes.size() < sizeof(header)) return 0;
  std::memcpy(&header, bytes.data(), sizeof(header));
  if (header.size < sizeof(header) || header.size > bytes.size()) return 0;
  if (header.number != number) return 0;
  return checksum_of(bytes.first(header.size)) == header.checksum ? header.size : 0;
}

}  // namespace logbook
