// SPDX-License-Identifier: Apache-2.0
// See disk.h. Operations on directories and on the names in them, with the errors of Linux. Names
// are told in an order that only looks like one, as file systems do, in pieces that may be short.
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "sim/disk.h"
#include "sim/network.h"
#include "tina/fs.h"

namespace tina::sim {
namespace {

using internal::OpCode;

/// Bytes that a name takes of the kernel's own form, which decides how many fit.
std::size_t room_of(std::string_view name) { return (19 + name.size() + 1 + 7) / 8 * 8; }

void append(std::byte*& to, std::string_view name, const Node& node) {
  const fs::What what = node.directory ? fs::What::kDirectory : fs::What::kFile;
  *to++ = static_cast<std::byte>(what);
  *to++ = static_cast<std::byte>(name.size());
  std::memcpy(to, name.data(), name.size());
  to += name.size();
}

std::string_view last_part(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

std::int32_t Disk::change_names(Job& job) {
  if (job.operation.op == OpCode::kOpenDirectory) return open_directory(job);
  Opened& on = at(job.operation.descriptor);
  switch (job.operation.op) {
    case OpCode::kList:
    case OpCode::kListMore:
      return list(job, on);
    case OpCode::kDescribePath:
      return describe_path(job, on);
    case OpCode::kRename:
      return rename(job, on);
    case OpCode::kUnlink:
      return unlink(job, on);
    case OpCode::kRemoveDirectory:
      return remove_directory(job, on);
    case OpCode::kMakeDirectory:
      return make_directory(job, on);
    default:
      return -EINVAL;
  }
}

Disk::Name Disk::look_up(const Opened& on, const fs::Path& path) const {
  Name name;
  name.error = -path.why_not();
  if (name.error != 0) return name;
  const std::string_view text = path.text();
  const bool absolute = text.starts_with('/');
  if (!on.node->directory && !absolute) name.error = -ENOTDIR;
  if (!on.node->named && !absolute) name.error = -ENOENT;
  if (name.error != 0) return name;
  const std::string_view last = last_part(text);
  name.dot = last == ".";
  name.root = last.empty();
  name.ordinary = !name.dot && !name.root && last != "..";
  name.slash = text.ends_with('/');
  name.path = plain_path((absolute ? "" : on.node->path + "/") + std::string(text));
  name.error = names_.way_to(name.path);
  return name;
}

std::int32_t Disk::open_directory(const Job& job) {
  const fs::Path& wanted = job.operation.as<internal::OpenOperand>().path;
  if (const std::int32_t error = wanted.why_not(); error != 0) return -error;
  const std::string path = plain_path(wanted.text());
  if (const std::int32_t error = names_.way_to(path); error != 0) return error;
  if (!names_.is_directory(path)) return names_.find(path) ? -ENOTDIR : -ENOENT;
  if (open_descriptors_ >= descriptors_most_) return -EMFILE;
  names_.show(path);
  return open_node(job, names_.find(path), 0);
}

/// By the hashes of the names: one that is made meanwhile comes or not.
std::int32_t Disk::list(Job& job, Opened& on) {
  if (!on.node->directory) return -ENOTDIR;
  if (!on.node->named) return -ENOENT;
  if (job.operation.op == OpCode::kList) on.listed = 0;
  std::vector<std::pair<std::uint64_t, std::string>> left;
  names_.each_in(on.node->path, [&](std::string_view name, const Node&) {
    const std::uint64_t hash = hash_text(std::string(name).c_str()) | 1;  // 0 is before all
    if (hash > on.listed) left.emplace_back(hash, name);
  });
  std::sort(left.begin(), left.end());
  std::size_t whole = 0, room = job.operation.size;
  while (whole < left.size() && room_of(left[whole].second) <= room) {
    room -= room_of(left[whole++].second);
  }
  if (whole == 0) return left.empty() ? 0 : -EINVAL;
  const std::size_t count = shorten(job, whole, faults_.short_read, counts_.short_reads);
  auto* const start = const_cast<std::byte*>(job.operation.data);
  std::byte* to = start;
  const std::string prefix = on.node->path.empty() ? "" : on.node->path + "/";
  for (std::size_t i = 0; i < count; ++i) {
    append(to, left[i].second, *names_.find(prefix + left[i].second));
    on.listed = left[i].first;
  }
  job.bytes_hash = hash_bytes({start, to});
  return static_cast<std::int32_t>(to - start);
}

std::int32_t Disk::describe_path(Job& job, const Opened& on) const {
  auto& operand = job.operation.as<internal::DescribeOperand>();
  const Name name = look_up(on, operand.what.path);
  if (name.error != 0) return name.error;
  const NodePointer node = names_.find(name.path);
  if (!node) return -ENOENT;
  if (name.slash && !node->directory) return -ENOTDIR;
  job.bytes_hash = write_facts(*node, operand.status);
  return 0;
}

std::int32_t Disk::rename(const Job& job, const Opened& on) {
  const auto& names = job.operation.as<internal::RenameExtra>();
  const Name from = look_up(on, names.from), to = look_up(on, names.to);
  if (from.error != 0) return from.error;
  if (to.error != 0) return to.error;
  if (!from.ordinary || !to.ordinary) return -EBUSY;
  const NodePointer node = names_.find(from.path), replaced = names_.find(to.path);
  if (!node) return -ENOENT;
  if (!node->directory && (from.slash || to.slash)) return -ENOTDIR;
  if (to.path.starts_with(from.path + "/")) return -EINVAL;
  if (from.path.starts_with(to.path + "/")) return -ENOTEMPTY;
  if (node == replaced) return 0;
  if (replaced) {
    if (!node->directory && replaced->directory) return -EISDIR;
    if (node->directory && !replaced->directory) return -ENOTDIR;
    if (replaced->directory && !names_.is_empty(to.path)) return -ENOTEMPTY;
  }
  names_.move(from.path, to.path, clock_.now_ns());
  if (replaced) drop_name(replaced);
  return 0;
}

std::int32_t Disk::unlink(const Job& job, const Opened& on) {
  const Name name = look_up(on, job.operation.as<internal::NameExtra>().path);
  if (name.error != 0) return name.error;
  if (!name.ordinary) return -EISDIR;
  const NodePointer node = names_.find(name.path);
  if (!node) return -ENOENT;
  if (node->directory) return -EISDIR;
  if (name.slash) return -ENOTDIR;
  names_.take(name.path, clock_.now_ns());
  drop_name(node);
  return 0;
}

std::int32_t Disk::remove_directory(const Job& job, const Opened& on) {
  const Name name = look_up(on, job.operation.as<internal::NameExtra>().path);
  if (name.error != 0) return name.error;
  if (name.dot) return -EINVAL;
  if (name.root) return -EBUSY;
  if (!name.ordinary) return -ENOTEMPTY;
  const NodePointer node = names_.find(name.path);
  if (!node) return -ENOENT;
  if (!node->directory) return -ENOTDIR;
  if (!names_.is_empty(name.path)) return -ENOTEMPTY;
  names_.take(name.path, clock_.now_ns());
  return 0;
}

std::int32_t Disk::make_directory(const Job& job, const Opened& on) {
  const auto& wanted = job.operation.as<internal::NameExtra>();
  const Name name = look_up(on, wanted.path);
  if (name.error != 0) return name.error;
  if (!name.ordinary || names_.find(name.path)) return -EEXIST;
  if (!has_room_for_name(job)) return -ENOSPC;
  auto node = std::make_shared<Node>();
  node->directory = node->made = true;
  node->mode = wanted.mode & 07777 & ~kUmask;
  node->modified_ns = clock_.now_ns();
  names_.put(name.path, node, clock_.now_ns());
  return 0;
}

bool Disk::has_room_for_name(const Job& job) {
  const bool full =
      sectors_free() == 0 || chooser_.chance(Domain::kDiskFull, job.entity, faults_.disk_full);
  counts_.no_room += full ? 1 : 0;
  return !full;
}

/// A file that is open stays what it is until it is closed.
void Disk::drop_name(const NodePointer& node) {
  if (node->opens > 0 && !node->directory) nameless_.push_back(node);
}

}  // namespace tina::sim
