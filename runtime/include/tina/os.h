// SPDX-License-Identifier: Apache-2.0
// What the operating system tells and gives a process, as handlers see it: signals, standard
// streams. Used on the shard's thread only.
#pragma once

#include <cstdint>

#include "tina/byte_lanes.h"
#include "tina/io.h"

namespace tina::os {

using Status = IoStatus;

/// SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH.
enum class Signal : std::uint8_t { kHangup, kUser1, kUser2, kWindow };

/// The signals that the settings of a declared object name: `hangup`, `user_1`, `user_2`, `window`.
/// What comes before its isolate has started or between two of its lives, it does not hear of.
struct signals {
  using Lanes = internal::LaneList<internal::LaneName::kWait>;

  /// End of `wait`: a signal. Those of one kind that came faster than they were taken may have
  /// become one, as signals do.
  struct Signalled {
    Status status = Status::kOk;
    std::int32_t error = 0;  ///< errno when kError
    Signal which = Signal::kHangup;
    bool ok() const { return status == Status::kOk; }
  };

  /// The operations of the declared I/O object `kObject`, whose lane is record `kRecord` and whose
  /// completion is bit `kCompletion`.
  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion>
  struct Operations {
    static constexpr unsigned kExtra = 0;

    /// Lane wait: wait for the next signal. Completes as `Signalled`.
    constexpr auto wait() const {
      return internal::plain_op<kCompletion>(kObject, kRecord, internal::OpCode::kSignal);
    }
  };
};

/// The program's standard input. It is read only while a `receive` waits.
struct input {
  using Lanes = internal::LaneList<internal::LaneName::kRead>;

  /// EBADF if the program was started without one.
  using Received = internal::BytesReceived;

  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion>
  struct Operations : internal::InputOperations<kObject, kRecord, kCompletion> {
    static constexpr unsigned kExtra = 0;
  };
};

/// The program's standard output, or its standard error.
struct output {
  using Lanes = internal::LaneList<internal::LaneName::kWrite>;

  /// EPIPE if nobody reads any more, EBADF if the program was started without one.
  using Written = internal::BytesWritten;

  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion>
  struct Operations : internal::OutputOperations<kObject, kRecord, kCompletion> {
    static constexpr unsigned kExtra = 0;
  };
};

/// The lanes of a kind, for `ctx.reload.idle(os::wait)`.
inline constexpr internal::Lane<internal::LaneName::kWait> wait{};
inline constexpr internal::Lane<internal::LaneName::kRead> read{};
inline constexpr internal::Lane<internal::LaneName::kWrite> write{};

}  // namespace tina::os
