// SPDX-License-Identifier: Apache-2.0
// See os_file.h.
#include "src/os_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

#include "tina/fs.h"

namespace tina::internal {
namespace {

static_assert(sizeof(struct statx) <= StatusOperand::kRawSize);
static_assert(sizeof(iovec) == sizeof(GatherPart) &&
              offsetof(iovec, iov_base) == offsetof(GatherPart, data) &&
              offsetof(iovec, iov_len) == offsetof(GatherPart, size));

std::int32_t result(ssize_t value) { return value < 0 ? -errno : static_cast<std::int32_t>(value); }

/// Beyond this the kernel has no place in a file.
bool beyond(std::uint64_t offset) {
  return offset > static_cast<std::uint64_t>(std::numeric_limits<off_t>::max());
}

std::int32_t write_parts(const Operation& operation) {
  const std::uint64_t offset = operation.as<WriteOperand>().offset + operation.done;
  if (beyond(offset)) return -EINVAL;
  return result(::pwritev(operation.descriptor, vectors_of(operation),
                          static_cast<int>(operation.size), static_cast<off_t>(offset)));
}

std::int32_t commit(const Operation& operation) {
  std::size_t whole = 0;
  for (const GatherPart& part : operation.parts()) whole += part.size;
  const std::int32_t written = write_parts(operation);
  if (written < 0 || static_cast<std::size_t>(written) < whole) return written;
  return ::fdatasync(operation.descriptor) != 0 ? -errno : kAllMoved;
}

std::int32_t truncate(const Operation& operation) {
  const std::uint64_t size = operation.as<WriteOperand>().offset;
  if (beyond(size)) return -EFBIG;
  return result(::ftruncate(operation.descriptor, static_cast<off_t>(size)));
}

std::int32_t read_at(const Operation& operation) {
  const std::uint64_t offset = operation.as<ReadExtra>().offset;
  if (beyond(offset)) return -EINVAL;
  return result(::pread(operation.descriptor, const_cast<std::byte*>(operation.data),
                        read_size(operation), static_cast<off_t>(offset)));
}

std::int32_t write_at(const Operation& operation) {
  const std::uint64_t offset = operation.as<WriteOperand>().offset + operation.done;
  if (beyond(offset)) return -EINVAL;
  return result(
      ::pwrite(operation.descriptor, operation.data, operation.size, static_cast<off_t>(offset)));
}

}  // namespace

std::int32_t carry_out(const Operation& operation) {
  switch (operation.op) {
    case OpCode::kOpen: {
      const auto& wanted = operation.as<OpenOperand>();
      return result(::open(wanted.path.c_str(), open_flags_of(wanted), wanted.mode));
    }
    case OpCode::kRead:
      return read_at(operation);
    case OpCode::kDescribe:
      return result(::statx(operation.descriptor, "", AT_EMPTY_PATH, status_mask(),
                            raw_status(operation.as<ReadOperand>().status)));
    case OpCode::kWrite:
      return write_at(operation);
    case OpCode::kWriteGathered:
      return write_parts(operation);
    case OpCode::kCommit:
      return commit(operation);
    case OpCode::kSync:
      return result(::fsync(operation.descriptor));
    case OpCode::kSyncData:
      return result(::fdatasync(operation.descriptor));
    case OpCode::kTruncate:
      return truncate(operation);
    default:
      break;
  }
  return -ENOSYS;
}

int open_flags_of(const OpenOperand& operand) {
  const auto flags = static_cast<fs::Open>(operand.flags);
  int all = O_CLOEXEC | O_NOCTTY;
  if (has(flags, fs::Open::kWrite)) {
    all |= has(flags, fs::Open::kRead) ? O_RDWR : O_WRONLY;
  }
  if (has(flags, fs::Open::kCreate)) all |= O_CREAT;
  if (has(flags, fs::Open::kExclusive)) all |= O_EXCL;
  if (has(flags, fs::Open::kTruncate)) all |= O_TRUNC;
  if (has(flags, fs::Open::kDurable)) all |= O_DSYNC;
  if (has(flags, fs::Open::kNoFollow)) all |= O_NOFOLLOW;
  return all;
}

unsigned status_mask() { return STATX_TYPE | STATX_MODE | STATX_NLINK | STATX_SIZE | STATX_MTIME; }

struct statx* raw_status(StatusOperand& operand) {
  return reinterpret_cast<struct statx*>(operand.raw.data());
}

std::uint32_t read_size(const Operation& operation) {
  const std::uint32_t most = operation.as<ReadExtra>().most;
  return most == 0 ? operation.size : std::min(most, operation.size);
}

const iovec* vectors_of(const Operation& operation) {
  return reinterpret_cast<const iovec*>(operation.data);
}

fs::Facts facts_of(const StatusOperand& operand) noexcept {
  const auto& raw = *reinterpret_cast<const struct statx*>(operand.raw.data());
  fs::Facts facts;
  facts.size = raw.stx_size;
  facts.modified_ns = raw.stx_mtime.tv_sec * 1'000'000'000 + raw.stx_mtime.tv_nsec;
  facts.mode = raw.stx_mode & 07777U;
  facts.links = raw.stx_nlink;
  switch (raw.stx_mode & S_IFMT) {
    case S_IFREG:
      facts.what = fs::What::kFile;
      break;
    case S_IFDIR:
      facts.what = fs::What::kDirectory;
      break;
    case S_IFLNK:
      facts.what = fs::What::kLink;
      break;
    default:
      facts.what = fs::What::kOther;
      break;
  }
  return facts;
}

}  // namespace tina::internal
