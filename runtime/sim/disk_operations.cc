// SPDX-License-Identifier: Apache-2.0
// See disk.h. What each operation does to the files, in the one instant in which it is done, with
// the errors of Linux.
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "sim/disk.h"
#include "sim/network.h"
#include "src/os_file.h"
#include "tina/fs.h"

namespace tina::sim {
namespace {

using fs::Open;
using internal::OpCode;

/// The longest file, as of ext4.
constexpr std::uint64_t kLongest = std::uint64_t{1} << 44;
constexpr std::uint64_t kOffsets = std::numeric_limits<std::int64_t>::max();
constexpr std::uint32_t kUmask = 022;

bool has_flag(std::uint32_t flags, Open one) { return fs::has(static_cast<Open>(flags), one); }
bool may_read(std::uint32_t flags) {
  return has_flag(flags, Open::kRead) || !has_flag(flags, Open::kWrite);
}

/// Without slashes around it, "." and "..": each file has one such name.
std::string plain(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      const std::size_t last = result.rfind('/');
      result.resize(last == std::string::npos ? 0 : last);
      continue;
    }
    if (!result.empty()) result += '/';
    result += part;
  }
  return result;
}

std::size_t bytes_in(const internal::Operation& operation) {
  if (operation.op == OpCode::kWrite) return operation.size;
  std::size_t size = 0;
  for (const internal::GatherPart& part : operation.parts()) size += part.size;
  return size;
}

}  // namespace

bool Disk::is_directory(const std::string& path) const {
  if (path.empty()) return true;
  const auto first = entries_.lower_bound(path + "/");
  return first != entries_.end() && first->first.starts_with(path + "/");
}

bool Disk::below_a_file(const std::string& path) const {
  for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
    if (entries_.contains(path.substr(0, at))) return true;
  }
  return false;
}

std::int32_t Disk::open(const Job& job) {
  const auto& wanted = job.operation.as<internal::OpenOperand>();
  if (const std::int32_t error = wanted.path.why_not(); error != 0) return -error;
  const std::string path = plain(wanted.path.text());
  const bool create = has_flag(wanted.flags, Open::kCreate);
  const bool new_only = create && has_flag(wanted.flags, Open::kExclusive);
  const bool empties = has_flag(wanted.flags, Open::kTruncate);
  const auto found = entries_.find(path);
  const bool exists = found != entries_.end();
  const bool directory = is_directory(path);
  if (below_a_file(path)) return -ENOTDIR;
  if (new_only && (exists || directory)) return -EEXIST;
  if (directory && (create || empties || has_flag(wanted.flags, Open::kWrite))) return -EISDIR;
  if (!directory && wanted.path.text().ends_with('/')) {
    if (exists) return -ENOTDIR;
    return create ? -EISDIR : -ENOENT;
  }
  if (!directory && !exists && !create) return -ENOENT;
  if (!directory && !exists && sectors_free() == 0) return -ENOSPC;
  Opened& opened = opened_.emplace_back();
  opened.shard = job.shard;
  opened.entity = job.entity;
  opened.flags = wanted.flags;
  if (!directory) {
    Entry& entry = entries_[path];
    if (!exists) entry.mode = wanted.mode & 07777 & ~kUmask;
    if (!exists || empties) entry.modified_ns = clock_.now_ns();
    if (empties) entry.file.truncate(0);
    opened.entry = &entry;
  }
  ++open_descriptors_;
  ++counts_.opens;
  return kFirstDescriptor + static_cast<std::int32_t>(opened_.size()) - 1;
}

std::int32_t Disk::carry_out(Job& job) {
  if (job.operation.op == OpCode::kOpen) return open(job);
  Opened& on = at(job.operation.descriptor);
  switch (job.operation.op) {
    case OpCode::kRead:
      return read(job, on);
    case OpCode::kDescribe:
      return describe(job, on);
    case OpCode::kWrite:
    case OpCode::kWriteGathered:
    case OpCode::kCommit:
      return write(job, on);
    case OpCode::kTruncate:
      return truncate(job, on);
    case OpCode::kSync:
    case OpCode::kSyncData:
      return sync(job, on, job.fails);
    default:
      return -EINVAL;
  }
}

std::int32_t Disk::read(Job& job, const Opened& on) {
  if (!may_read(on.flags)) return -EBADF;
  if (on.entry == nullptr) return -EISDIR;
  const std::uint64_t offset = job.operation.as<internal::ReadExtra>().offset;
  if (offset > kOffsets) return -EINVAL;
  auto* const to = const_cast<std::byte*>(job.operation.data);
  const std::uint64_t behind = on.entry->file.size() - std::min(offset, on.entry->file.size());
  const std::size_t whole = std::min<std::uint64_t>(internal::read_size(job.operation), behind);
  const std::size_t size = shorten(job, whole, faults_.short_read, counts_.short_reads);
  const std::span<std::byte> bytes(to, on.entry->file.read(offset, {to, size}));
  job.bytes_hash = hash_bytes(bytes);
  counts_.bytes_read += bytes.size();
  return static_cast<std::int32_t>(bytes.size());
}

std::int32_t Disk::describe(Job& job, const Opened& on) const {
  struct statx& raw = *internal::raw_status(job.operation.as<internal::ReadOperand>().status);
  raw = {};
  raw.stx_nlink = 1;
  raw.stx_mode = static_cast<std::uint16_t>(S_IFDIR | 0755);
  if (on.entry != nullptr) {
    raw.stx_mode = static_cast<std::uint16_t>(S_IFREG | on.entry->mode);
    raw.stx_size = on.entry->file.size();
    raw.stx_mtime.tv_sec = static_cast<std::int64_t>(on.entry->modified_ns / 1'000'000'000);
    raw.stx_mtime.tv_nsec = static_cast<std::uint32_t>(on.entry->modified_ns % 1'000'000'000);
  }
  job.bytes_hash = combine(raw.stx_size, raw.stx_mode);
  return 0;
}

std::uint64_t Disk::sectors_free() const {
  std::uint64_t taken = 0;
  for (const auto& [path, entry] : entries_) taken += entry.file.sectors();
  const std::uint64_t all = faults_.size / StoredFile::kSector;
  return all - std::min(all, taken);
}

/// How many of the bytes have room.
std::size_t Disk::room(const Job& job, Opened& on, std::uint64_t offset, std::size_t size) {
  if (std::exchange(on.full, false) && job.operation.done > 0) return 0;
  std::size_t fits = on.entry->file.fits(offset, size, sectors_free());
  if (fits > 0 && chooser_.chance(Domain::kDiskFull, job.entity, faults_.disk_full)) {
    fits = chooser_.choose(Domain::kDiskFull, job.entity, fits);
    on.full = fits > 0;
  }
  return fits;
}

std::int32_t Disk::write(Job& job, Opened& on) {
  if (!has_flag(on.flags, Open::kWrite)) return -EBADF;
  const std::uint64_t offset =
      job.operation.as<internal::WriteOperand>().offset + job.operation.done;
  if (offset > kOffsets) return -EINVAL;
  if (offset >= kLongest) return -EFBIG;
  const std::size_t wanted = std::min<std::uint64_t>(bytes_in(job.operation), kLongest - offset);
  const std::size_t fits = room(job, on, offset, wanted);
  if (fits == 0 && wanted > 0) {
    ++counts_.no_room;
    return -ENOSPC;
  }
  const std::size_t size =
      on.full ? fits : shorten(job, fits, faults_.short_write, counts_.short_writes);
  const internal::GatherPart one{job.operation.data, job.operation.size};
  const std::span<const internal::GatherPart> parts =
      job.operation.op == OpCode::kWrite ? std::span(&one, 1) : job.operation.parts();
  std::size_t done = 0;
  for (const internal::GatherPart& part : parts) {
    const std::span<const std::byte> bytes(part.data, std::min(part.size, size - done));
    on.entry->file.write(offset + done, bytes);
    job.bytes_hash = combine(job.bytes_hash, hash_bytes(bytes));
    done += bytes.size();
  }
  on.entry->modified_ns = clock_.now_ns();
  counts_.bytes_written += size;
  if (has_flag(on.flags, Open::kDurable)) on.entry->file.sync();
  return static_cast<std::int32_t>(size);
}

bool Disk::commits_whole(const Job& job, std::int32_t written) {
  return static_cast<std::size_t>(written) == bytes_in(job.operation);
}

std::int32_t Disk::truncate(const Job& job, const Opened& on) {
  if (!has_flag(on.flags, Open::kWrite)) return -EINVAL;
  const std::uint64_t size = job.operation.as<internal::WriteOperand>().offset;
  if (size > kLongest) return -EFBIG;
  on.entry->file.truncate(size);
  on.entry->modified_ns = clock_.now_ns();
  return 0;
}

/// Of one that fails nobody knows what is on the medium, and no later sync tries again.
std::int32_t Disk::sync(const Job& job, const Opened& on, bool fails) {
  ++counts_.syncs;
  if (fails) {
    if (on.entry != nullptr) {
      on.entry->file.sync_in_part(
          [&] { return chooser_.choose(Domain::kDiskError, job.entity, 2) == 0; });
    }
    return -EIO;
  }
  if (on.entry != nullptr) on.entry->file.sync();
  return job.operation.op == OpCode::kCommit ? internal::kAllMoved : 0;
}

std::size_t Disk::shorten(const Job& job, std::size_t size, Ratio rate, std::uint64_t& count) {
  if (size < 2 || !chooser_.chance(Domain::kDiskSize, job.entity, rate)) return size;
  ++count;
  // One byte is the hardest case, so half of the short ones are that.
  if (chooser_.choose(Domain::kDiskSize, job.entity, 2) == 0) return 1;
  return 1 + chooser_.choose(Domain::kDiskSize, job.entity, size - 1);
}

}  // namespace tina::sim
