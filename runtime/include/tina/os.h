// SPDX-License-Identifier: Apache-2.0
// What the operating system tells and gives a process, as handlers see it: signals, standard
// streams. Used on the shard's thread only.
#pragma once

#include <cerrno>
#include <cstdint>
#include <span>
#include <utility>

#include "tina/context.h"
#include "tina/effect.h"
#include "tina/io.h"
#include "tina/operand.h"
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
      return internal::Op<std::uint64_t{1} << kCompletion>{{kObject, kRecord, kCompletion,
                                                            internal::OpCode::kSignal, 0,
                                                            internal::kNoBuffer, 0, nullptr}};
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
      return internal::Op<std::uint64_t{1} << kCompletion>{{kObject, kRecord, kCompletion,
                                                            internal::OpCode::kInput, 0,
                                                            internal::kNoBuffer, 0, nullptr}};
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
      return internal::Op<std::uint64_t{1} << kCompletion>{
          {kObject, kRecord, kCompletion, internal::OpCode::kOutput,
           static_cast<std::uint32_t>(own.size()), internal::kNoBuffer, 0, own.data()}};
    }

   private:
    auto write_block(internal::Block&& data) const {
      const internal::BlockHandle taken = std::exchange(data.handle(), {});
      return internal::Op<std::uint64_t{1} << kCompletion>{{kObject, kRecord, kCompletion,
                                                            internal::OpCode::kOutput, taken.size,
                                                            taken.index, taken.serial, taken.data}};
    }
  };
};

/// The lanes of a kind, for `ctx.reload.idle(os::wait)`.
inline constexpr internal::Lane<internal::LaneName::kWait> wait{};
inline constexpr internal::Lane<internal::LaneName::kRead> read{};
inline constexpr internal::Lane<internal::LaneName::kWrite> write{};

}  // namespace tina::os

namespace tina::internal {

inline os::signals::Signalled take_signalled(ShardCore& core, ResultRecord& record) {
  if (record.value <= 0) {
    return {os::Status::kError, record.value < 0 ? -record.value : EBADF, os::Signal::kHangup};
  }
  const Running running = core.running.get();
  const auto& operand =
      core.types[running.type].operand<SignalOperand>(running.slot, record.object, record.op);
  return {os::Status::kOk, 0, static_cast<os::Signal>(operand.which)};
}

/// Until an operation takes it, its buffer is in transit.
inline os::input::Received take_input(ShardCore& core, ResultRecord& record) {
  os::input::Received message;
  if (record.value > 0) {
    hold_block(core, record.buffer);
    message.data =
        Buffer({const_cast<std::byte*>(record.data), static_cast<std::uint32_t>(record.value),
                record.buffer, core.blocks[record.buffer].serial, 0});
  } else if (record.value == 0) {
    message.status = os::Status::kEnd;
  } else {
    message.status = os::Status::kError;
    message.error = -record.value;
  }
  return message;
}

inline os::output::Written take_output(ShardCore&, ResultRecord& record) {
  if (record.value < 0) return {os::Status::kError, -record.value, record.done};
  return {os::Status::kOk, 0, record.done};
}

}  // namespace tina::internal
