// SPDX-License-Identifier: Apache-2.0
// What the operating system tells and gives a process, as handlers see it: signals, standard
// streams. Used on the shard's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "tina/io.h"
#include "tina/owned.h"

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

  /// End of `receive`: up to one buffer of bytes (`kOk`), the end of the input, or an error: EBADF
  /// if the program was started without one.
  struct Received {
    Status status = Status::kOk;
    std::int32_t error = 0;  ///< errno when kError
    Buffer data;
    bool ok() const { return status == Status::kOk; }
  };

  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion>
  struct Operations {
    static constexpr unsigned kExtra = 0;

    /// Lane read: wait for bytes. It holds no receive buffer while there are none. Completes as
    /// `Received`.
    constexpr auto receive() const {
      return internal::plain_op<kCompletion>(kObject, kRecord, internal::OpCode::kInput);
    }
  };
};

/// The program's standard output, or its standard error.
struct output {
  using Lanes = internal::LaneList<internal::LaneName::kWrite>;

  /// End of `write`: all bytes are written (`kOk`), or an error: EPIPE if nobody reads any more,
  /// EBADF if the program was started without one. `size`: the bytes that were written.
  struct Written {
    Status status = Status::kOk;
    std::int32_t error = 0;
    std::uint32_t size = 0;
    bool ok() const { return status == Status::kOk; }
  };

  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion>
  struct Operations {
    static constexpr unsigned kExtra = 0;

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

/// The lanes of a kind, for `ctx.reload.idle(os::wait)`.
inline constexpr internal::Lane<internal::LaneName::kWait> wait{};
inline constexpr internal::Lane<internal::LaneName::kRead> read{};
inline constexpr internal::Lane<internal::LaneName::kWrite> write{};

}  // namespace tina::os
