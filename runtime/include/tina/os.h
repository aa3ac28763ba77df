// SPDX-License-Identifier: Apache-2.0
// What the operating system tells a process, as handlers see it: signals. Used on the shard's
// thread only.
#pragma once

#include <cerrno>
#include <cstdint>

#include "tina/context.h"
#include "tina/effect.h"
#include "tina/net.h"
#include "tina/operand.h"

namespace tina::os {

using net::Status;

/// SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH.
enum class Signal : std::uint8_t { kHangup, kUser1, kUser2, kWindow };

/// The signals that the settings of a declared object name: `hangup`, `user_1`, `user_2`, `window`.
/// What comes before its isolate has started or between two of its lives, it does not hear of.
struct signals {
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

/// The lanes of a kind, for `ctx.reload.idle(os::wait)`.
inline constexpr net::Lane<signals, 0> wait{};

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

}  // namespace tina::internal
