// SPDX-License-Identifier: Apache-2.0
// A stretch of a file as handlers see it when it is read into several buffers by one operation.
// Invariant: a buffer belongs to the handler that got it, until it moves it on or ends. Used on the
// shard's thread only.
#pragma once

#include <cstdint>
#include <span>
#include <utility>

#include "tina/block.h"
#include "tina/io.h"

namespace tina::fs {

/// End of `read_scattered`: bytes (`kOk`), the end of the file, or an error as of `read`. The
/// buffers are the handler's, and gone when it ends, but for those that it has moved on.
class ReadScattered {
 public:
  IoStatus status = IoStatus::kOk;
  std::int32_t error = 0;  ///< errno when kError
  std::uint32_t size = 0;  ///< bytes in all parts

  ReadScattered() = default;
  /// Made by the runtime only.
  explicit ReadScattered(std::span<Buffer> parts) : parts_(parts) {}
  ReadScattered(ReadScattered&& other) noexcept
      : status(other.status),
        error(other.error),
        size(other.size),
        parts_(std::exchange(other.parts_, std::span<Buffer>())) {}

  bool ok() const { return status == IoStatus::kOk; }
  /// One behind the other in the file; all but the last one are full.
  std::span<Buffer> parts() const { return parts_; }
  auto begin() const { return parts_.begin(); }
  auto end() const { return parts_.end(); }

 private:
  std::span<Buffer> parts_;
};

}  // namespace tina::fs
