// SPDX-License-Identifier: Apache-2.0
// Named pipes as handlers see them: one kind for each end. Included by fs.h. Used on the shard's
// thread only.
#pragma once

#include <cstdint>

#include "tina/byte_lanes.h"
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

/// The reading end. The end of what is received says that no writer is left.
struct pipe_reader : PipeEnd {
  using Lanes = internal::LaneList<internal::LaneName::kRead, internal::LaneName::kAll>;

  using Received = internal::BytesReceived;

  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion,
            bool kOpens = false>
  struct Operations : internal::InputOperations<kObject, kRecord, kCompletion>,
                      PipeOperations<kObject, kRecord + 1, kCompletion + 1, kOpens> {};
};

/// The writing end.
struct pipe_writer : PipeEnd {
  using Lanes = internal::LaneList<internal::LaneName::kWrite, internal::LaneName::kAll>;

  /// EPIPE if nobody reads any more.
  using Written = internal::BytesWritten;

  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion,
            bool kOpens = false>
  struct Operations : internal::OutputOperations<kObject, kRecord, kCompletion>,
                      PipeOperations<kObject, kRecord + 1, kCompletion + 1, kOpens> {};
};

}  // namespace tina::fs
