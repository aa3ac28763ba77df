// SPDX-License-Identifier: Apache-2.0
// What the generated contract takes out of a result record, whatever the kind of its I/O object is.
// Not for handlers. Runs on the shard's thread.
#pragma once

#include "tina/dispatch.h"
#include "tina/io.h"
#include "tina/operand.h"

namespace tina::internal {

constexpr IoStatus status_of(std::int32_t value) {
  return value >= 0 ? IoStatus::kOk : IoStatus::kError;
}
constexpr std::int32_t error_of(std::int32_t value) { return value < 0 ? -value : 0; }

/// A completion that says no more than how it ended.
template <class Message>
Message take_end(ShardCore&, ResultRecord& record) {
  return {status_of(record.value), error_of(record.value)};
}

/// A completion that says how many bytes were moved before it ended.
template <class Message>
Message take_moved(ShardCore&, ResultRecord& record) {
  return {status_of(record.value), error_of(record.value), record.done};
}

/// The operand of an operation of the running isolate that has ended.
template <class Operand>
const Operand& operand_of(ShardCore& core, const ResultRecord& record) {
  const Running running = core.running.get();
  return core.types[running.type].operand<Operand>(running.slot, record.object, record.op);
}

/// Bytes that arrived in a receive buffer. Until an operation takes it, it is in transit.
template <class Message>
Message take_bytes(ShardCore& core, ResultRecord& record) {
  Message message;
  if (record.value > 0) {
    hold_block(core, record.buffer);
    message.data =
        Buffer({const_cast<std::byte*>(record.data), static_cast<std::uint32_t>(record.value),
                record.buffer, core.blocks[record.buffer].serial, 0});
  } else if (record.value == 0) {
    message.status = IoStatus::kEnd;
  } else {
    message.status = IoStatus::kError;
    message.error = -record.value;
  }
  return message;
}

}  // namespace tina::internal
