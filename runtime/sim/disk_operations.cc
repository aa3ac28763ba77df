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

constexpr std::uint64_t kOffsets = std::numeric_limits<std::int64_t>::max();

/// Whether some of so many bytes have a place that no file can have, which the kernel refuses
/// first.
bool beyond(std::uint64_t offset, std::uint64_t size) {
  return offset > kOffsets || size > kOffsets - offset;
}

bool has_flag(std::uint32_t flags, Open one) { return fs::has(static_cast<Open>(flags), one); }
bool may_read(std::uint32_t flags) {
  return has_flag(flags, Open::kRead) || !has_flag(flags, Open::kWrite);
}

std::size_t bytes_in(const internal::Operation& operation) {
  if (operation.op == OpCode::kWrite) return operation.size;
  std::size_t size = 0;
  for (const internal::GatherPart& part : operation.parts()) size += part.size;
  return size;
}

}  // namespace

std::int32_t Disk::open(const Job& job) {
  const auto& wanted = job.operation.as<internal::OpenOperand>();
  if (const std::int32_t error = wanted.path.why_not(); error != 0) return -error;
  const std::string path = plain_path(wanted.path.text());
  const bool create = has_flag(wanted.flags, Open::kCreate);
  const bool empties = has_flag(wanted.flags, Open::kTruncate);
  if (const std::int32_t error = names_.way_to(path); error != 0) return error;
  NodePointer node = names_.find(path);
  if (create && has_flag(wanted.flags, Open::kExclusive) && node) return -EEXIST;
  if (node && node->directory && (create || empties || has_flag(wanted.flags, Open::kWrite))) {
    return -EISDIR;
  }
  if (wanted.path.text().ends_with('/') && (!node || !node->directory)) {
    if (node) return -ENOTDIR;
    return create ? -EISDIR : -ENOENT;
  }
  if (!node && !create) return -ENOENT;
  if (open_descriptors_ >= descriptors_most_) return -EMFILE;
  if (!node) {
    if (const std::int32_t error = make_file(path, job, node); error != 0) return error;
  }
  if (empties) {
    node->modified_ns = clock_.now_ns();
    node->file.truncate(0);
  }
  return open_node(job, node, wanted.flags);
}

void Disk::put_file(const std::string& path) {
  auto node = std::make_shared<Node>();
  node->mode = 0644;
  names_.put(path, node, clock_.now_ns());
}

std::int32_t Disk::make_file(const std::string& path, const Job& job, NodePointer& node) {
  if (!has_room_for_name(job)) return -ENOSPC;
  node = std::make_shared<Node>();
  node->mode = job.operation.as<internal::OpenOperand>().mode & 07777 & ~kUmask;
  node->modified_ns = clock_.now_ns();
  names_.put(path, node, clock_.now_ns());
  return 0;
}

std::int32_t Disk::open_node(const Job& job, const NodePointer& node, std::uint32_t flags) {
  Opened& opened = opened_.emplace_back();
  opened.shard = job.shard;
  opened.entity = job.entity;
  opened.flags = flags;
  opened.node = node;
  ++node->opens;
  ++open_descriptors_;
  ++counts_.opens;
  return kFirstDescriptor + static_cast<std::int32_t>(opened_.size()) - 1;
}

std::int32_t Disk::carry_out(Job& job) {
  if (job.operation.op == OpCode::kOpen) return open(job);
  if (job.operation.op > OpCode::kDescribe) return change_names(job);
  Opened& on = at(job.operation.descriptor);
  switch (job.operation.op) {
    case OpCode::kRead:
    case OpCode::kReadScattered:
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
  if (on.node->directory) return -EISDIR;
  const std::uint64_t offset = job.operation.as<internal::ReadExtra>().offset;
  const internal::GatherPart one{job.operation.data, 0};
  const bool scatters = internal::traits(job.operation.op).scatters;
  const auto parts = scatters ? job.operation.parts() : std::span(&one, 1);
  const std::size_t wanted =
      scatters ? bytes_in(job.operation) : internal::read_size(job.operation);
  if (beyond(offset, wanted)) return -EINVAL;
  const std::uint64_t behind = on.node->file.size() - std::min(offset, on.node->file.size());
  const std::size_t size = shorten(job, std::min<std::uint64_t>(wanted, behind), faults_.short_read,
                                   counts_.short_reads);
  std::size_t done = 0;
  for (const internal::GatherPart& part : parts) {
    const std::span<std::byte> bytes(const_cast<std::byte*>(part.data),
                                     std::min(scatters ? part.size : size, size - done));
    on.node->file.read(offset + done, bytes);
    const std::uint64_t hash = hash_bytes(bytes);
    job.bytes_hash = done == 0 ? hash : combine(job.bytes_hash, hash);
    done += bytes.size();
  }
  counts_.bytes_read += done;
  return static_cast<std::int32_t>(done);
}

std::int32_t Disk::read_for_send(unsigned shard, std::int32_t descriptor, std::uint64_t offset,
                                 std::span<std::byte> to) {
  const Opened* const on = find(shard, descriptor, "a send");
  if (on == nullptr || !may_read(on->flags)) return -EBADF;
  if (on->node->directory || beyond(offset, to.size())) return -EINVAL;
  if (chooser_.chance(Domain::kDiskError, on->entity, faults_.io_error)) {
    ++counts_.io_errors;
    return -EIO;
  }
  const std::size_t size = on->node->file.read(offset, to);
  counts_.bytes_read += size;
  return static_cast<std::int32_t>(size);
}

std::int32_t Disk::describe(Job& job, const Opened& on) const {
  job.bytes_hash = write_facts(*on.node, job.operation.as<internal::ReadOperand>().status);
  return 0;
}

std::uint64_t Disk::write_facts(const Node& node, internal::StatusOperand& operand) {
  struct statx& raw = *internal::raw_status(operand);
  raw = {};
  raw.stx_nlink = node.named ? 1 : 0;
  raw.stx_mode = static_cast<std::uint16_t>((node.directory ? S_IFDIR : S_IFREG) | node.mode);
  raw.stx_size = node.file.size();
  raw.stx_mtime.tv_sec = static_cast<std::int64_t>(node.modified_ns / 1'000'000'000);
  raw.stx_mtime.tv_nsec = static_cast<std::uint32_t>(node.modified_ns % 1'000'000'000);
  return combine(raw.stx_size, raw.stx_mode);
}

std::uint64_t Disk::sectors_free() const {
  std::uint64_t taken = 0;
  names_.each([&taken](const Node& node) { taken += node.file.sectors(); });
  for (const NodePointer& node : nameless_) taken += node->file.sectors();
  const std::uint64_t all = faults_.size / StoredFile::kSector;
  return all - std::min(all, taken);
}

/// How many of the bytes have room.
std::size_t Disk::room(const Job& job, Opened& on, std::uint64_t offset, std::size_t size) {
  if (std::exchange(on.full, false) && job.operation.done > 0) return 0;
  std::size_t fits = on.node->file.fits(offset, size, sectors_free());
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
  if (beyond(offset, bytes_in(job.operation))) return -EINVAL;
  if (offset >= longest_) return -EFBIG;
  const std::size_t wanted = std::min<std::uint64_t>(bytes_in(job.operation), longest_ - offset);
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
    on.node->file.write(offset + done, bytes);
    job.bytes_hash = combine(job.bytes_hash, hash_bytes(bytes));
    done += bytes.size();
  }
  on.node->modified_ns = clock_.now_ns();
  counts_.bytes_written += size;
  if (has_flag(on.flags, Open::kDurable)) sync_file(*on.node);
  return static_cast<std::int32_t>(size);
}

bool Disk::commits_whole(const Job& job, std::int32_t written) {
  return static_cast<std::size_t>(written) == bytes_in(job.operation);
}

std::int32_t Disk::truncate(const Job& job, const Opened& on) {
  if (!has_flag(on.flags, Open::kWrite)) return -EINVAL;
  const std::uint64_t size = job.operation.as<internal::WriteOperand>().offset;
  if (size > longest_) return -EFBIG;
  on.node->file.truncate(size);
  on.node->modified_ns = clock_.now_ns();
  return 0;
}

/// Of one that fails nobody knows what is on the medium, and no later sync tries again.
std::int32_t Disk::sync(const Job& job, const Opened& on, bool fails) {
  ++counts_.syncs;
  if (fails) {
    on.node->file.sync_in_part(
        [&] { return chooser_.choose(Domain::kDiskError, job.entity, 2) == 0; });
    return -EIO;
  }
  if (on.node->directory) {
    names_.sync_directory(on.node->path);
  } else {
    sync_file(*on.node);
  }
  return job.operation.op == OpCode::kCommit ? internal::kAllMoved : 0;
}

/// Its bytes, and the name with which it was made.
void Disk::sync_file(Node& node) {
  node.file.sync();
  names_.sync_node(node);
}

std::size_t Disk::shorten(const Job& job, std::size_t size, Ratio rate, std::uint64_t& count) {
  if (size < 2 || !chooser_.chance(Domain::kDiskSize, job.entity, rate)) return size;
  ++count;
  // One byte is the hardest case, so half of the short ones are that.
  if (chooser_.choose(Domain::kDiskSize, job.entity, 2) == 0) return 1;
  return 1 + chooser_.choose(Domain::kDiskSize, job.entity, size - 1);
}

}  // namespace tina::sim
