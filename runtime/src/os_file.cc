// SPDX-License-Identifier: Apache-2.0
// See os_file.h.
#include "src/os_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/sock_diag.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include "tina/fs.h"

namespace tina::internal {
namespace {

static_assert(sizeof(struct statx) <= StatusOperand::kRawSize);
static_assert(sizeof(iovec) == sizeof(GatherPart) &&
              offsetof(iovec, iov_base) == offsetof(GatherPart, data) &&
              offsetof(iovec, iov_len) == offsetof(GatherPart, size));

/// Bytes of a file that one call sends at most: others wait for the thread.
constexpr std::size_t kSentAtOnce = 1 << 20;

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

/// What getdents64(2) writes: one of these for each name, which follows, ended by a NUL.
struct RawEntry {
  std::uint64_t inode;
  std::int64_t next;
  std::uint16_t size;
  std::uint8_t type;
};
constexpr std::size_t kRawName = 19;

fs::What what_of(mode_t mode) {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return fs::What::kFile;
    case S_IFDIR:
      return fs::What::kDirectory;
    case S_IFLNK:
      return fs::What::kLink;
    default:
      return fs::What::kOther;
  }
}

fs::What what_of(std::int32_t directory, const RawEntry& raw, const char* name) {
  if (raw.type != DT_UNKNOWN) return what_of(DTTOIF(static_cast<mode_t>(raw.type)));
  struct stat found;  // a file system that does not keep it beside the name
  const bool known = ::fstatat(directory, name, &found, AT_SYMLINK_NOFOLLOW) == 0;
  return known ? what_of(found.st_mode) : fs::What::kOther;
}

/// Makes entries as tina/fs_directory.h reads them of what the kernel has written, in its place:
/// they are shorter. Without "." and "..".
std::size_t pack(std::int32_t directory, std::byte* data, std::size_t size) {
  std::size_t to = 0;
  RawEntry raw;
  for (std::size_t from = 0; from < size; from += raw.size) {
    std::memcpy(&raw, data + from, kRawName);
    const char* const name = reinterpret_cast<const char*>(data + from) + kRawName;
    const std::size_t length = std::strlen(name);
    if (std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0) continue;
    const fs::What what = what_of(directory, raw, name);
    std::memmove(data + to + 2, name, length);
    data[to] = static_cast<std::byte>(what);
    data[to + 1] = static_cast<std::byte>(length);
    to += 2 + length;
  }
  return to;
}

std::int32_t list(const Operation& operation) {
  const std::int32_t on = operation.descriptor;
  auto* const data = const_cast<std::byte*>(operation.data);
  if (operation.op == OpCode::kList && ::lseek(on, 0, SEEK_SET) < 0) return -errno;
  for (;;) {
    const long size = ::syscall(SYS_getdents64, on, data, operation.size);
    if (size <= 0) return result(size);
    const std::size_t packed = pack(on, data, static_cast<std::size_t>(size));
    if (packed > 0) return static_cast<std::int32_t>(packed);
  }
}

/// Those on names of a directory.
std::int32_t change_names(const Operation& operation) {
  const std::int32_t error = why_no_path(operation);
  if (error != 0) return -error;
  const std::int32_t on = operation.descriptor;
  const auto& name = operation.as<NameExtra>();
  switch (operation.op) {
    case OpCode::kRename: {
      const auto& names = operation.as<RenameExtra>();
      return result(::renameat(on, names.from.c_str(), on, names.to.c_str()));
    }
    case OpCode::kUnlink:
      return result(::unlinkat(on, name.path.c_str(), 0));
    case OpCode::kRemoveDirectory:
      return result(::unlinkat(on, name.path.c_str(), AT_REMOVEDIR));
    case OpCode::kMakeDirectory:
      return result(::mkdirat(on, name.path.c_str(), name.mode));
    default:
      return result(::statx(on, name.path.c_str(), AT_SYMLINK_NOFOLLOW, status_mask(),
                            raw_status(operation.as<DescribeOperand>().status)));
  }
}

std::int32_t read_at(const Operation& operation) {
  const std::uint64_t offset = operation.as<ReadExtra>().offset;
  if (beyond(offset)) return -EINVAL;
  return result(::pread(operation.descriptor, const_cast<std::byte*>(operation.data),
                        read_size(operation), static_cast<off_t>(offset)));
}

std::int32_t read_parts(const Operation& operation) {
  const std::uint64_t offset = operation.as<ReadExtra>().offset;
  if (beyond(offset)) return -EINVAL;
  return result(::preadv(operation.descriptor, vectors_of(operation),
                         static_cast<int>(operation.size), static_cast<off_t>(offset)));
}

/// Bytes that a socket takes without waiting, as far as it says so. Memory is what it counts.
std::size_t room_in(int socket) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> facts{};
  socklen_t size = sizeof facts;
  if (::getsockopt(socket, SOL_SOCKET, SO_MEMINFO, facts.data(), &size) != 0) return kSentAtOnce;
  const std::uint32_t most = facts[SK_MEMINFO_SNDBUF];
  return most - std::min(most, facts[SK_MEMINFO_WMEM_QUEUED]);
}

/// Sends no more than the socket has room for: of one that may wait, a slow peer would hold this
/// thread. Where the kernel finds less room after all, it waits for one tick of its clock.
std::int32_t send_file(const Operation& operation) {
  const auto& wanted = operation.as<SendFileOperand>();
  if (beyond(wanted.at)) return -EINVAL;
  const std::size_t room = std::min(
      {room_in(operation.descriptor), kSentAtOnce, static_cast<std::size_t>(operation.size)});
  if (room == 0) return -EAGAIN;
  constexpr timeval kShortest{0, 1};
  if (::setsockopt(operation.descriptor, SOL_SOCKET, SO_SNDTIMEO, &kShortest, sizeof kShortest) !=
      0) {
    return -errno;
  }
  auto at = static_cast<off_t>(wanted.at);
  const ssize_t sent = ::sendfile(operation.descriptor, wanted.file, &at, room);
  // Behind the longest file that its file system can have; a read finds the end there.
  return sent < 0 && errno == EOVERFLOW ? 0 : result(sent);
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
    case OpCode::kOpenDirectory:
      return result(::open(operation.as<OpenOperand>().path.c_str(), kOpenDirectoryFlags));
    case OpCode::kList:
    case OpCode::kListMore:
      return list(operation);
    case OpCode::kDescribePath:
    case OpCode::kRename:
    case OpCode::kUnlink:
    case OpCode::kRemoveDirectory:
    case OpCode::kMakeDirectory:
      return change_names(operation);
    case OpCode::kRead:
      return read_at(operation);
    case OpCode::kReadScattered:
      return read_parts(operation);
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
    case OpCode::kSendFile:
      return send_file(operation);
    default:
      break;
  }
  return -ENOSYS;
}

std::int32_t why_no_path(const Operation& operation) {
  switch (operation.op) {
    case OpCode::kRename: {
      const auto& names = operation.as<RenameExtra>();
      const std::int32_t error = names.from.why_not();
      return error != 0 ? error : names.to.why_not();
    }
    case OpCode::kDescribePath:
    case OpCode::kUnlink:
    case OpCode::kRemoveDirectory:
    case OpCode::kMakeDirectory:
      return operation.as<NameExtra>().path.why_not();
    default:
      return 0;
  }
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
  facts.what = what_of(raw.stx_mode);
  return facts;
}

}  // namespace tina::internal
