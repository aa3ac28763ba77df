// SPDX-License-Identifier: Apache-2.0
// How the generated contract takes the completions of files and directories. Not for handlers. Runs
// on the shard's thread.
#pragma once

#include <algorithm>
#include <span>
#include <utility>

#include "tina/contract_io.h"
#include "tina/fs.h"

namespace tina::internal {

/// What statx has said of a file.
fs::Facts facts_of(const StatusOperand& operand) noexcept;

inline fs::file::Opened take_opened(ShardCore& core, ResultRecord& record) {
  return take_end<fs::file::Opened>(core, record);
}
inline fs::file::Closed take_file_closed(ShardCore&, ResultRecord&) { return {}; }

inline fs::file::Read take_read(ShardCore& core, ResultRecord& record) {
  return take_bytes<fs::file::Read>(core, record);
}

inline fs::ReadScattered take_read_scattered(ShardCore& core, ResultRecord& record) {
  std::span<Buffer> parts;
  if (record.value > 0) {
    const Running running = core.running.get();
    Scatter& scatter = core.types[running.type].scatter(running.slot, record.object);
    parts = {scatter.buffers(), std::exchange(scatter.held, 0) + 1};
    auto left = static_cast<std::uint32_t>(record.value);
    for (Buffer& part : parts) {
      hold_block(core, part.index());
      part.handle().size = std::min(left, core.buffer_size);
      left -= part.size();
    }
  }
  fs::ReadScattered message(parts);
  message.status = record.value == 0 ? IoStatus::kEnd : status_of(record.value);
  message.error = error_of(record.value);
  message.size = static_cast<std::uint32_t>(std::max(record.value, 0));
  return message;
}

inline fs::file::Described take_described(ShardCore& core, ResultRecord& record) {
  fs::file::Described message{status_of(record.value), error_of(record.value), {}};
  if (message.ok()) message.facts = facts_of(operand_of<ReadOperand>(core, record).status);
  return message;
}

inline fs::file::Written take_written(ShardCore& core, ResultRecord& record) {
  return take_moved<fs::file::Written>(core, record);
}
inline fs::file::Synced take_synced(ShardCore& core, ResultRecord& record) {
  return take_end<fs::file::Synced>(core, record);
}
inline fs::file::Truncated take_truncated(ShardCore& core, ResultRecord& record) {
  return take_end<fs::file::Truncated>(core, record);
}

inline fs::directory::Listed take_listed(ShardCore& core, ResultRecord& record) {
  return take_bytes<fs::directory::Listed>(core, record);
}
inline fs::directory::Described take_path_described(ShardCore& core, ResultRecord& record) {
  fs::directory::Described message{{status_of(record.value), error_of(record.value)}, {}};
  if (message.ok()) message.facts = facts_of(operand_of<DescribeOperand>(core, record).status);
  return message;
}
/// Of all the others of a directory but `Closed`.
template <class Message>
Message take_directory(ShardCore&, ResultRecord& record) {
  return {{status_of(record.value), error_of(record.value)}};
}
inline fs::directory::Closed take_directory_closed(ShardCore&, ResultRecord&) { return {}; }

inline fs::PipeEnd::Opened take_pipe_opened(ShardCore& core, ResultRecord& record) {
  return take_end<fs::PipeEnd::Opened>(core, record);
}
inline fs::PipeEnd::Closed take_pipe_closed(ShardCore&, ResultRecord&) { return {}; }

}  // namespace tina::internal
