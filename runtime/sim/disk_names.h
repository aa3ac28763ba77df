// SPDX-License-Identifier: Apache-2.0
// The names on the simulated disk: which path leads to what, and apart from that which of it is on
// the medium. Names change in steps that reach the medium whole and in their order, as those of a
// file system with a journal; a sync of a directory takes there all that concerns it, and what came
// before. Unless the disk is `strict`, a directory that nobody has made was always there; one that
// was made has nothing in it but what was put there. Simulation's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/disk_file.h"

namespace tina::sim {

/// A file or directory.
struct Node {
  StoredFile file;   ///< its bytes, if it is a file
  std::string path;  ///< without its first slash; of one whose name was taken away, the last one
  std::uint64_t modified_ns = 0;
  std::uint32_t mode = 0;
  unsigned opens = 0;
  bool directory = false;
  bool made = false;   ///< a directory: nothing was always in it
  bool named = false;  ///< `path` leads to it
};
using NodePointer = std::shared_ptr<Node>;

/// Paths here are plain: without slashes around them, "." and ".."; the root is empty.
class DiskNames {
 public:
  explicit DiskNames(bool strict);

  /// Null if nothing has this name.
  NodePointer find(const std::string& path) const;
  /// Whether there is a directory, if only because nobody says otherwise.
  bool is_directory(const std::string& path) const;
  /// 0, or minus an errno: a directory on the way to a path is not there, or is none.
  std::int32_t way_to(const std::string& path) const;
  /// From now on a directory that was always there, and those on the way to it, can be seen.
  void show(const std::string& path);

  /// One step: a name for what has none. The directories on the way are there.
  void put(const std::string& path, const NodePointer& node, std::uint64_t now_ns);
  /// One step: the name is gone.
  void take(const std::string& path, std::uint64_t now_ns);
  /// One step: another name, with all that is below it; what had that one has none any more.
  void move(const std::string& from, const std::string& to, std::uint64_t now_ns);

  bool is_empty(const std::string& directory) const;
  /// `visit(std::string_view name, const Node&)` for each name in a directory.
  template <class Visit>
  void each_in(const std::string& directory, Visit&& visit) const {
    const std::string prefix = directory.empty() ? "" : directory + "/";
    for (auto at = seen_.lower_bound(prefix); at != seen_.end(); ++at) {
      if (!at->first.starts_with(prefix)) break;
      const std::string_view rest = std::string_view(at->first).substr(prefix.size());
      if (!rest.empty() && rest.find('/') == std::string_view::npos) visit(rest, *at->second);
    }
  }
  template <class Visit>
  void each(Visit&& visit) const {
    for (const auto& [path, node] : seen_) visit(*node);
  }

  /// Takes the names of a directory to the medium.
  void sync_directory(const std::string& path);
  /// Takes the first name of a file there.
  void sync_node(const Node& node);
  /// Steps that are not there yet.
  std::size_t pending() const { return steps_.size(); }
  /// Only so many of them will ever get there; then what is on the medium is what is seen.
  void lose_power(std::size_t kept);

 private:
  /// More pending steps than this, and the disk writes the oldest by itself.
  static constexpr std::size_t kPendingMost = 1024;

  using Map = std::map<std::string, NodePointer>;
  /// What each path leads to after it; null: to nothing.
  using Step = std::vector<std::pair<std::string, NodePointer>>;

  bool was_always_there(const std::string& path) const;
  void touch_parent(const std::string& path, std::uint64_t now_ns);
  void remember(Step&& step);
  void reach_medium(std::size_t steps);

  Map seen_, medium_;
  std::deque<Step> steps_;         ///< the oldest first
  std::set<std::string> removed_;  ///< directories that were there once
};

/// What a path of an operation is as one of those here.
std::string plain_path(std::string_view path);

/// The path of the directory around; of the root, the root.
inline std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace tina::sim
