// SPDX-License-Identifier: Apache-2.0
// The operands of files and directories, and the list of blocks that a gathered operation writes.
// They lie in the arena beside their object (tina/operand.h); the kernel reads paths and parts
// there, and writes what it knows of a file. Invariant: the parts that an operation has taken come
// before those that wait. Owned by the shard's thread and, in between, the backend.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "tina/block.h"
#include "tina/path.h"
#include "tina/slot.h"

namespace tina::internal {

/// One block of a list, as writev(2) wants it, or buffer of one, as readv(2) does.
struct GatherPart {
  const std::byte* data;
  std::size_t size;
};

/// What a read brings.
struct ReadExtra {
  std::uint64_t offset;
  std::uint32_t most;  ///< bytes wanted; 0: as many as fit into a buffer
  std::uint32_t reserved;
};

/// What the kernel knows of a file, as statx(2) says it.
struct StatusOperand {
  static constexpr std::size_t kRawSize = 256;
  std::array<std::byte, kRawSize> raw;
};

/// Lane read of a file.
struct ReadOperand {
  ReadExtra read;
  StatusOperand status;
};
static_assert(sizeof(ReadOperand) == 272);

/// The head of what one read into several buffers has. Behind it come the buffers, the first of
/// which is its record's, and as the kernel wants them. Invariant: the first `held` of the others,
/// and none else, are taken.
struct Scatter {
  std::uint32_t places;  ///< buffers of one read: the setting `scatter`
  std::uint32_t held;

  Buffer* buffers() { return reinterpret_cast<Buffer*>(this + 1); }
  GatherPart* parts() { return reinterpret_cast<GatherPart*>(buffers() + places); }
};
static_assert(sizeof(Scatter) == 8);

constexpr std::size_t scatter_size(std::uint32_t places) {
  if (places == 0) return 0;
  return sizeof(Scatter) + places * (sizeof(Buffer) + sizeof(GatherPart));
}

/// Lane write of a file: where to, or how long it is to be.
struct WriteOperand {
  std::uint64_t offset;
};

/// Lane all of a file or directory.
struct OpenOperand {
  fs::Path path;
  std::uint32_t flags;  ///< fs::Open
  std::uint32_t mode;
  std::uint32_t reserved;
};
static_assert(sizeof(OpenOperand) == 272);

inline constexpr std::size_t kFileOperands =
    sizeof(ReadOperand) + sizeof(WriteOperand) + sizeof(OpenOperand);

/// What an operation on one name of a directory brings.
struct NameExtra {
  fs::Path path;
  std::uint32_t mode;  ///< of what is made
};
static_assert(sizeof(NameExtra) == 264);

/// What an operation on two of them brings. The longest operand of lane write.
struct RenameExtra {
  fs::Path from;
  fs::Path to;
};
static_assert(sizeof(RenameExtra) == 520);

/// Lane read of a directory.
struct DescribeOperand {
  NameExtra what;
  StatusOperand status;
};
static_assert(sizeof(DescribeOperand) == 520);

inline constexpr std::size_t kDirectoryOperands =
    sizeof(DescribeOperand) + sizeof(RenameExtra) + sizeof(OpenOperand);
/// Of a stream that sends from a file of the same isolate.
struct SendFileOperand {
  std::uint64_t offset;  ///< where in the file it begins
  std::uint64_t at;      ///< and where it is now
  std::int32_t file;     ///< the descriptor, while the operation is in the backend
  std::uint32_t object;  ///< which I/O object that is
};
static_assert(sizeof(SendFileOperand) == 24);

/// Lane all of an end of a named pipe.
struct PipeOperand {
  fs::Path path;
  std::uint32_t reserved;
};
static_assert(sizeof(PipeOperand) == 264);

/// The head of an object's list: a ring of as many parts as its setting `gather` says. The parts
/// follow, then the numbers of their blocks.
struct Gather {
  std::uint32_t places;
  std::uint32_t first;    ///< the oldest part
  std::uint32_t taken;    ///< parts that an operation has, from `first` on
  std::uint32_t waiting;  ///< parts behind those
  std::uint64_t waiting_bytes;
  std::uint32_t skipped;  ///< of those taken: parts whose bytes have all been moved
  std::uint32_t reserved;

  GatherPart* parts() { return reinterpret_cast<GatherPart*>(this + 1); }
  std::uint32_t* blocks() { return reinterpret_cast<std::uint32_t*>(parts() + places); }
  std::uint32_t place(std::uint32_t number) const {
    const std::uint32_t at = first + number;
    return at < places ? at : at - places;
  }
};
static_assert(sizeof(Gather) == 32);

constexpr std::size_t gather_size(std::uint32_t places) {
  if (places == 0) return 0;
  const std::size_t size = sizeof(Gather) + places * (sizeof(GatherPart) + sizeof(std::uint32_t));
  return (size + 7) / 8 * 8;
}

}  // namespace tina::internal
