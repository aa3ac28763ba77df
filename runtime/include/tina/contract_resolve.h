// SPDX-License-Identifier: Apache-2.0
// How the generated contract takes the end of a resolve. Not for handlers. Runs on the shard's
// thread.
#pragma once

#include "tina/contract_io.h"
#include "tina/resolve.h"

namespace tina::internal {

inline net::resolver::Resolved take_resolved(ShardCore& core, ResultRecord& record) {
  net::resolver::Resolved message;
  message.status = status_of(record.value);
  if (record.value < 0) {
    message.error = -record.value;
    message.why = net::resolution_of(message.error);
    return message;
  }
  message.found = operand_of<ResolveOperand>(core, record).answer.addresses;
  message.count = static_cast<std::uint8_t>(record.value);
  return message;
}

}  // namespace tina::internal
