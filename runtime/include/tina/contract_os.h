// SPDX-License-Identifier: Apache-2.0
// How the generated contract takes the completions of signals and standard streams. Not for
// handlers. Runs on the shard's thread.
#pragma once

#include <cerrno>

#include "tina/contract_io.h"
#include "tina/os.h"

namespace tina::internal {

inline os::signals::Signalled take_signalled(ShardCore& core, ResultRecord& record) {
  if (record.value <= 0) {
    return {IoStatus::kError, record.value < 0 ? error_of(record.value) : EBADF,
            os::Signal::kHangup};
  }
  const auto which = operand_of<SignalOperand>(core, record).which;
  return {IoStatus::kOk, 0, static_cast<os::Signal>(which)};
}

}  // namespace tina::internal
