// SPDX-License-Identifier: Apache-2.0
// Files as handlers see them. Every operation names its own place in the file, so nothing depends
// on what ran before. Invariant: a buffer or blob that is moved into a write, or added to a list,
// belongs to the operation until its completion. What is written is safe from power loss after a
// sync that succeeded, and not before. Used on the shard's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "tina/effect.h"
#include "tina/fs_directory.h"
#include "tina/fs_facts.h"
#include "tina/fs_pipe.h"
#include "tina/fs_scatter.h"
#include "tina/io.h"
#include "tina/operand_file.h"
#include "tina/path.h"

namespace tina::fs {

/// How a file is opened; put together with `|`.
enum class Open : std::uint32_t {
  kRead = 1,
  kWrite = 2,
  kCreate = 4,     ///< makes it if it is not there
  kExclusive = 8,  ///< with kCreate: EEXIST if it is there
  kTruncate = 16,  ///< empties it
  kDurable = 32,   ///< a write ends when its bytes are on the medium, as if sync_data followed
  kNoFollow = 64,  ///< ELOOP if its last part is a symbolic link
};
constexpr Open operator|(Open a, Open b) {
  return static_cast<Open>(static_cast<std::uint32_t>(a) | static_cast<std::uint32_t>(b));
}
constexpr bool has(Open flags, Open one) {
  return (static_cast<std::uint32_t>(flags) & static_cast<std::uint32_t>(one)) != 0;
}
using open_flags = Open;

/// A file, which starts closed. An operation on one that is not open completes with EBADF.
struct file {
  using Lanes = internal::LaneList<internal::LaneName::kRead, internal::LaneName::kWrite,
                                   internal::LaneName::kAll>;

  /// End of `open`: it is open, or an error and it is as if that had never been tried. EBUSY: it is
  /// open, and stays so.
  struct Opened {
    Status status = Status::kOk;
    std::int32_t error = 0;  ///< errno when kError
    bool ok() const { return status == Status::kOk; }
  };
  /// End of `close`: nothing is under way any more, and it may be opened again. Never fails; what a
  /// disk could not take is told by a sync.
  struct Closed {};
  /// End of `read`: up to one buffer of bytes (`kOk`), the end of the file, or an error.
  struct Read {
    Status status = Status::kOk;
    std::int32_t error = 0;
    Buffer data;
    bool ok() const { return status == Status::kOk; }
  };
  using ReadScattered = fs::ReadScattered;
  /// End of `describe`.
  struct Described {
    Status status = Status::kOk;
    std::int32_t error = 0;
    Facts facts;
    bool ok() const { return status == Status::kOk; }
  };
  /// End of `write`, `write_gathered` and `commit`: all bytes are written, and, of a commit, on the
  /// medium (`kOk`); or an error, with as many bytes as were written before it in `size`.
  struct Written {
    Status status = Status::kOk;
    std::int32_t error = 0;
    std::uint32_t size = 0;
    bool ok() const { return status == Status::kOk; }
  };
  /// End of `sync` and `sync_data`: all that had been written is on the medium, or an error. After
  /// one, what of it is there is not known, and a later sync that succeeds does not tell.
  struct Synced {
    Status status = Status::kOk;
    std::int32_t error = 0;
    bool ok() const { return status == Status::kOk; }
  };
  /// End of `truncate`.
  struct Truncated {
    Status status = Status::kOk;
    std::int32_t error = 0;
    bool ok() const { return status == Status::kOk; }
  };

  /// The operations of the declared I/O object `kObject`, whose first lane is record `kRecord` and
  /// whose first completion is bit `kCompletion`. Each call builds a value; nothing starts yet.
  template <std::uint8_t kObject, std::uint8_t kRecord, std::uint8_t kCompletion, bool kWhole>
  struct Operations {
    static constexpr unsigned kExtra = sizeof(internal::OpenOperand);
    /// For streams that send from it.
    static constexpr bool kIsFile = true;
    static constexpr std::uint8_t kNumber = kObject;

    /// Lane read: `most` bytes at `offset`, or as many as fit into a buffer, or as there are.
    auto read(std::uint64_t offset, std::uint32_t most = 0) const {
      return internal::with(
          internal::plain_op<kCompletion>(kObject, kRecord, internal::OpCode::kRead),
          internal::ReadExtra{offset, most, 0});
    }
    /// Lane read: size, time and kind of the open file.
    constexpr auto describe() const {
      return internal::plain_op<kCompletion + 1>(kObject, kRecord, internal::OpCode::kDescribe);
    }
    /// Lane read: the same into several buffers, as many as the setting `scatter` says and are
    /// free, one at least. Completes as `ReadScattered`.
    auto read_scattered(std::uint64_t offset, std::uint32_t most = 0) const {
      return internal::with(
          internal::plain_op<kCompletion + 2>(kObject, kRecord, internal::OpCode::kReadScattered),
          internal::ReadExtra{offset, most, 0});
    }
    /// Lane write: the whole buffer or blob to `offset`, without a copy.
    auto write(std::uint64_t offset, Buffer&& data) const {
      return write_block(offset, std::move(data));
    }
    template <std::size_t kBytes>
    auto write(std::uint64_t offset, Blob<kBytes>&& data) const {
      return write_block(offset, std::move(data));
    }
    /// Lane write: bytes of the isolate's own state, which must stay as they are until `Written`.
    auto write(std::uint64_t offset, std::span<const std::byte> own) const {
      return internal::with(
          internal::own_op<kCompletion + 3>(kObject, kWrites, internal::OpCode::kWrite, own),
          internal::WriteOperand{offset});
    }
    /// Lane write: all blocks that were added and wait, one behind the other from `offset` on.
    auto write_gathered(std::uint64_t offset) const {
      return internal::with(
          internal::plain_op<kCompletion + 3>(kObject, kWrites, internal::OpCode::kWriteGathered),
          internal::WriteOperand{offset});
    }
    /// Lane write: the same, and then everything written to the file is made durable, as by
    /// sync_data.
    auto commit(std::uint64_t offset) const {
      return internal::with(
          internal::plain_op<kCompletion + 3>(kObject, kWrites, internal::OpCode::kCommit),
          internal::WriteOperand{offset});
    }
    /// Lane write: all that has been written, and what describes the file, onto the medium.
    constexpr auto sync() const {
      return internal::plain_op<kCompletion + 4>(kObject, kWrites, internal::OpCode::kSync);
    }
    /// Lane write: the same of its bytes and its size only.
    constexpr auto sync_data() const {
      return internal::plain_op<kCompletion + 4>(kObject, kWrites, internal::OpCode::kSyncData);
    }
    /// Lane write: cut off behind `size`, or continued with zeros up to it.
    auto truncate(std::uint64_t size) const {
      return internal::with(
          internal::plain_op<kCompletion + 5>(kObject, kWrites, internal::OpCode::kTruncate),
          internal::WriteOperand{size});
    }
    /// Lane all: open it. `mode`: the permission bits of one that is made, less the umask. Given up
    /// in the transition to a state that does not list `Opened`.
    auto open(const Path& where, Open flags, std::uint32_t mode = 0644) const {
      static_assert(kWhole, "[E0406] no state lists (`on …`) the completion of this operation");
      return internal::with(
          internal::plain_op<kCompletion + 6, kWhole>(kObject, kAll, internal::OpCode::kOpen),
          internal::OpenOperand{where, static_cast<std::uint32_t>(flags), mode, 0});
    }
    /// Lane all: close it. What its lanes have outstanding or hold ends with it, and blocks that
    /// wait in its list go back; the one completion is `Closed`. Does not sync.
    constexpr auto close() const {
      static_assert(kWhole, "[E0406] no state lists (`on …`) the completion of this operation");
      return internal::plain_op<kCompletion + 7, kWhole>(kObject, kAll, internal::OpCode::kClose);
    }

   private:
    static constexpr std::uint8_t kWrites = kRecord + 1, kAll = kRecord + 2;

    auto write_block(std::uint64_t offset, internal::Block&& data) const {
      return internal::with(internal::block_op<kCompletion + 3>(
                                kObject, kWrites, internal::OpCode::kWrite, std::move(data)),
                            internal::WriteOperand{offset});
    }
  };
};

}  // namespace tina::fs
