// SPDX-License-Identifier: Apache-2.0
// See disk_names.h.
#include "sim/disk_names.h"

#include <algorithm>
#include <cerrno>

namespace tina::sim {
namespace {

/// Whether a step changes a name in a directory.
bool concerns(const std::string& path, const std::string& directory) {
  return !path.empty() && parent_of(path) == directory;
}

NodePointer new_directory(const std::string& path, bool made) {
  auto node = std::make_shared<Node>();
  node->path = path;
  node->mode = 0755;
  node->directory = true;
  node->made = made;
  node->named = true;
  return node;
}

}  // namespace

std::string plain_path(std::string_view path) {
  std::string result;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (part.empty() || part == ".") continue;
    if (part == "..") {
      result = parent_of(result);
      continue;
    }
    if (!result.empty()) result += '/';
    result += part;
  }
  return result;
}

DiskNames::DiskNames(bool strict) { seen_[""] = medium_[""] = new_directory("", strict); }

NodePointer DiskNames::find(const std::string& path) const {
  const auto found = seen_.find(path);
  return found == seen_.end() ? nullptr : found->second;
}

/// Of a path that leads to nothing: nobody has made what is around it, or removed it.
bool DiskNames::was_always_there(const std::string& path) const {
  for (std::string at = path;; at = parent_of(at)) {
    if (const NodePointer node = find(at)) return node->directory && !node->made;
    if (removed_.contains(at)) return false;
  }
}

bool DiskNames::is_directory(const std::string& path) const {
  const NodePointer node = find(path);
  return node ? node->directory : was_always_there(path);
}

std::int32_t DiskNames::way_to(const std::string& path) const {
  for (std::string at = parent_of(path);; at = parent_of(at)) {
    if (const NodePointer node = find(at)) {
      if (!node->directory) return -ENOTDIR;
      break;
    }
  }
  return path.empty() || is_directory(parent_of(path)) ? 0 : -ENOENT;
}

void DiskNames::show(const std::string& path) {
  if (find(path)) return;
  show(parent_of(path));
  seen_[path] = medium_[path] = new_directory(path, false);
}

void DiskNames::touch_parent(const std::string& path, std::uint64_t now_ns) {
  if (const NodePointer parent = find(parent_of(path))) parent->modified_ns = now_ns;
}

void DiskNames::put(const std::string& path, const NodePointer& node, std::uint64_t now_ns) {
  show(parent_of(path));
  seen_[path] = node;
  node->path = path;
  node->named = true;
  touch_parent(path, now_ns);
  remember({{path, node}});
}

void DiskNames::take(const std::string& path, std::uint64_t now_ns) {
  const auto found = seen_.find(path);
  found->second->named = false;
  if (found->second->directory) removed_.insert(path);
  seen_.erase(found);
  touch_parent(path, now_ns);
  remember({{path, nullptr}});
}

void DiskNames::move(const std::string& from, const std::string& to, std::uint64_t now_ns) {
  show(parent_of(to));
  Step step;
  if (const NodePointer replaced = find(to)) replaced->named = false;
  const std::string below = from + "/";
  for (auto at = seen_.lower_bound(from); at != seen_.end();) {
    const bool moves = at->first == from || at->first.starts_with(below);
    if (!moves && !at->first.starts_with(from)) break;
    if (!moves) {
      ++at;  // "a.b" stands between "a" and "a/b"
      continue;
    }
    step.emplace_back(at->first, nullptr);
    step.emplace_back(to + at->first.substr(from.size()), at->second);
    at = seen_.erase(at);
  }
  for (const auto& [path, node] : step) {
    if (!node) continue;
    node->path = path;
    seen_[path] = node;
    if (node->directory) removed_.insert(from + path.substr(to.size()));
  }
  touch_parent(from, now_ns);
  touch_parent(to, now_ns);
  remember(std::move(step));
}

bool DiskNames::is_empty(const std::string& directory) const {
  bool empty = true;
  each_in(directory, [&empty](std::string_view, const Node&) { empty = false; });
  return empty;
}

void DiskNames::remember(Step&& step) {
  steps_.push_back(std::move(step));
  if (steps_.size() > kPendingMost) reach_medium(kPendingMost / 2);
}

void DiskNames::reach_medium(std::size_t steps) {
  for (; steps > 0; --steps) {
    for (const auto& [path, node] : steps_.front()) {
      if (node) {
        medium_[path] = node;
      } else {
        medium_.erase(path);
      }
    }
    steps_.pop_front();
  }
}

void DiskNames::sync_directory(const std::string& path) {
  std::size_t last = 0;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    for (const auto& [changed, node] : steps_[i]) {
      if (concerns(changed, path)) last = i + 1;
    }
  }
  reach_medium(last);
}

void DiskNames::sync_node(const Node& node) {
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    for (const auto& [path, named] : steps_[i]) {
      if (named.get() == &node) return reach_medium(i + 1);
    }
  }
}

void DiskNames::lose_power(std::size_t kept) {
  reach_medium(kept);
  steps_.clear();
  for (const auto& [path, node] : seen_) node->named = false;
  seen_ = medium_;
  for (const auto& [path, node] : seen_) {
    node->path = path;
    node->named = true;
  }
}

}  // namespace tina::sim
