// SPDX-License-Identifier: Apache-2.0
// What standard streams and named pipes have in common: bytes that come and go one behind the
// other. Not for handlers by itself; os.h and fs_pipe.h make kinds of it. Invariant: a buffer or
// blob that is moved into a write belongs to the operation. Used on the shard's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "tina/io.h"
#include "tina/owned.h"

namespace tina::internal {

/// End of `receive`: up to one buffer of bytes (`kOk`), the end, or an error.
struct BytesReceived {
  IoStatus status = IoStatus::kOk;
  std::int32_t error = 0;  ///< errno when kError
  Buffer data;
  bool ok() const { return status == IoStatus::kOk; }
};

/// End of `write`: all bytes are written (`kOk`), or an error. `size`: the bytes that were written.
struct BytesWritten {
  IoStatus status = IoStatus::kOk;
  std::int32_t error = 0;
  std::uint32_t size = 0;
  bool ok() const { return status == IoStatus::kOk; }
};

/// Of the declared I/O object `kObject`, whose lane read is record `kRecord` and whose `Received`
/// is bit `kCompletion`.
template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion>
struct InputOperations {
  /// Lane read: wait for bytes. It holds no receive buffer while there are none. Completes as
  /// `Received`.
  constexpr auto receive() const { return plain_op<kCompletion>(kObject, kRecord, OpCode::kInput); }
};

/// The same of lane write and `Written`.
template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion>
struct OutputOperations {
  /// Lane write: write the whole buffer, without a copy. Completes as `Written`.
  auto write(Buffer&& data) const { return write_block(std::move(data)); }
  /// Lane write: write the bytes of a blob that are in use, without a copy.
  template <std::size_t kBytes>
  auto write(Blob<kBytes>&& data) const {
    return write_block(std::move(data));
  }
  /// Lane write: write bytes of the isolate's own state, which must stay as they are until
  /// `Written`.
  auto write(std::span<const std::byte> own) const {
    return own_op<kCompletion>(kObject, kRecord, OpCode::kOutput, own);
  }

 private:
  auto write_block(Block&& data) const {
    return block_op<kCompletion>(kObject, kRecord, OpCode::kOutput, std::move(data));
  }
};

}  // namespace tina::internal
