// SPDX-License-Identifier: Apache-2.0
// What files and directories have in common: how their operations end, what the file system knows
// of one, and the names of their lanes. Plain data. Any thread.
#pragma once

#include <cstdint>

#include "tina/io.h"

namespace tina::fs {

using Status = IoStatus;

/// The lanes of a kind, for `ctx.log.idle(fs::write)`.
inline constexpr internal::Lane<internal::LaneName::kRead> read{};
inline constexpr internal::Lane<internal::LaneName::kWrite> write{};
inline constexpr internal::Lane<internal::LaneName::kAll> all{};

/// What stands under a path.
enum class What : std::uint8_t { kFile, kDirectory, kLink, kOther };

/// What the file system knows of a file or directory.
struct Facts {
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;  ///< since 1970, UTC
  std::uint32_t mode = 0;        ///< permission bits
  std::uint32_t links = 0;
  What what = What::kFile;
};

}  // namespace tina::fs
