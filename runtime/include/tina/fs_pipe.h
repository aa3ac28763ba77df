// SPDX-License-Identifier: Apache-2.0
// Named pipes as handlers see them: one kind for each end. Included by fs.h. Used on the shard's
// thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "tina/io.h"
#include "tina/path.h"

namespace tina::fs {

/// What both ends have in common.
struct PipeEnd {
  /// End of `open`: it is open, or an error and it is closed: ENOENT, EINVAL (it is no pipe), ENXIO
  /// (of a writer: nobody reads), EACCES, EMFILE, ENFILE, EBUSY (it is open, and stays so).
  struct Opened {
    IoStatus status = IoStatus::kOk;
    std::int32_t error = 0;
    bool ok() const { return status == IoStatus::kOk; }
  };
  /// End of `close`: nothing is under way any more, and it may be opened again. Never fails.
  struct Closed {};
};

/// The operations of lane all, which is record `kRecord` and whose first completion is bit
/// `kCompletion`.
template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion, bool kOpens>
struct PipeOperations {
  static constexpr unsigned kExtra = kOpens ? sizeof(Path) : 0;

  /// Lane all: open the pipe, at once. Completes as `Opened`.
  auto open(const Path& where) const {
    static_assert(kOpens, "[E0406] no state lists (`on …`) the completion of this operation");
    return internal::with(
        internal::plain_op<kCompletion, kOpens>(kObject, kRecord, internal::OpCode::kOpenPipe),
        where);
  }
  /// Lane all: close this end, whatever is under way on it. Completes as `Closed`.
  auto close() const {
    static_assert(kOpens, "[E0406] no state lists (`on …`) the completion of this operation");
    return internal::plain_op<kCompletion + 1, kOpens>(kObject, kRecord, internal::OpCode::kClose);
  }
};

/// The reading end.
struct pipe_reader : PipeEnd {
  using Lanes = internal::LaneList<internal::LaneName::kRead, internal::LaneName::kAll>;

  /// End of `receive`: up to one buffer of bytes (`kOk`), the end, as no writer is left, or an
  /// error.
  struct Received {
    IoStatus status = IoStatus::kOk;
    std::int32_t error = 0;  ///< errno when kError
    Buffer data;
    bool ok() const { return status == IoStatus::kOk; }
  };

  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion,
            bool kOpens = false>
  struct Operations : PipeOperations<kObject, kRecord + 1, kCompletion + 1, kOpens> {
    /// Lane read: wait for bytes, at first for a writer. It holds no receive buffer while there are
    /// none. Completes as `Received`.
    constexpr auto receive() const {
      return internal::plain_op<kCompletion>(kObject, kRecord, internal::OpCode::kInput);
    }
  };
};

/// The writing end.
struct pipe_writer : PipeEnd {
  using Lanes = internal::LaneList<internal::LaneName::kWrite, internal::LaneName::kAll>;

  /// End of `write`: all bytes are in the pipe (`kOk`), or an error: EPIPE if nobody reads any
  /// more. `size`: the bytes that were written.
  struct Written {
    IoStatus status = IoStatus::kOk;
    std::int32_t error = 0;
    std::uint32_t size = 0;
    bool ok() const { return status == IoStatus::kOk; }
  };

  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion,
            bool kOpens = false>
  struct Operations : PipeOperations<kObject, kRecord + 1, kCompletion + 1, kOpens> {
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
      return internal::own_op<kCompletion>(kObject, kRecord, internal::OpCode::kOutput, own);
    }

   private:
    auto write_block(internal::Block&& data) const {
      return internal::block_op<kCompletion>(kObject, kRecord, internal::OpCode::kOutput,
                                             std::move(data));
    }
  };
};

}  // namespace tina::fs
