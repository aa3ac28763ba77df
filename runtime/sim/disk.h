// SPDX-License-Identifier: Apache-2.0
// The simulated disk: files and directories in memory, for one run, with what is on the medium kept
// apart from what was written (disk_file.h, disk_names.h). Latency, short reads and writes down to
// one byte, errors, a full disk and late cancels are drawn from the chooser; completions of
// different files, and of both lanes of one, overtake each other. The working directory is the
// root. Invariants: every started operation completes exactly once; a descriptor number is never
// used twice. Simulation's thread.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/chooser.h"
#include "sim/clock.h"
#include "sim/disk_file.h"
#include "sim/disk_names.h"
#include "sim/files.h"
#include "sim/trace.h"
#include "src/os_backend.h"

namespace tina::sim {

class NetworkUser;

class Disk final : public Files {
 public:
  static constexpr std::uint32_t kUmask = 022;
  /// The longest file, as of ext4.
  static constexpr std::uint64_t kLongest = std::uint64_t{1} << 44;

  Disk(Clock& clock, Chooser& chooser, Trace& trace, NetworkUser& user, const DiskFaults& faults)
      : clock_(clock),
        chooser_(chooser),
        trace_(trace),
        user_(user),
        faults_(faults),
        names_(faults.strict) {}

  void start(unsigned shard, const internal::Operation& operation) override;
  bool cancel(unsigned shard, internal::Token token) override;
  void close(unsigned shard, std::int32_t descriptor) override;
  std::int32_t read_for_send(unsigned shard, std::int32_t descriptor, std::uint64_t offset,
                             std::span<std::byte> to) override;
  void happen(const Event& event) override;
  void fail_power() override;

  /// The power has gone and come back: of what no sync has confirmed, each sector is there or not,
  /// and of the changes of names those up to one of them. Nothing may be open.
  void lose_power();

  // For tests of what is at its bounds.
  void limit_descriptors(std::uint64_t most) { descriptors_most_ = most; }
  void limit_files(std::uint64_t bytes) { longest_ = std::min(bytes, kLongest); }
  void resize(std::uint64_t bytes) { faults_.size = bytes; }
  /// A file that is there without anybody having made it.
  void put_file(const std::string& path);

  std::uint64_t open_descriptors() const override { return open_descriptors_; }
  std::uint64_t operations_in_flight() const override { return by_token_.size(); }
  const DiskCounts& counts() const override { return counts_; }

 private:
  /// kSyncing: of a commit that has written all.
  /// kDark: an open that waits for the power.
  enum class Phase : std::uint8_t { kFree, kDark, kStarted, kSyncing, kDecided };
  struct Opened {
    unsigned shard = 0;
    NodePointer node;
    std::uint64_t entity = 0;  ///< of its path: whom draws are about
    std::uint64_t listed = 0;  ///< of a directory: the hash of the name that was told last
    std::uint32_t flags = 0;
    unsigned under_way = 0;
    bool open = true;
    bool full = false;  ///< the rest of the write that is under way finds no room
  };
  struct Job {
    internal::Operation operation{};
    std::uint64_t serial = 0;
    std::uint64_t bytes_hash = 0;
    std::uint64_t entity = 0;
    unsigned shard = 0;
    std::int32_t value = 0;
    Phase phase = Phase::kFree;
    bool fails = false;  ///< an injected error ends it
  };

  Opened& at(std::int32_t descriptor) {
    return opened_[static_cast<std::size_t>(descriptor - kFirstDescriptor)];
  }
  Opened* find(unsigned shard, std::int32_t descriptor, const char* what);
  std::uint32_t new_job();
  std::uint64_t sectors_free() const;
  std::uint64_t latency_ns(const Job& job);
  void restore_power();
  void forget_unsynced();
  void later(std::uint32_t number, std::uint64_t delay_ns);
  void decide(std::uint32_t number, std::int32_t value);
  void complete(std::uint32_t number);
  std::size_t shorten(const Job& job, std::size_t size, Ratio rate, std::uint64_t& count);

  // What operations do; disk_operations.cc.
  void attempt(std::uint32_t number);
  std::int32_t carry_out(Job& job);
  std::int32_t open(const Job& job);
  std::int32_t open_node(const Job& job, const NodePointer& node, std::uint32_t flags);
  std::int32_t make_file(const std::string& path, const Job& job, NodePointer& node);
  std::int32_t read(Job& job, const Opened& on);
  std::int32_t describe(Job& job, const Opened& on) const;
  std::int32_t write(Job& job, Opened& on);
  std::size_t room(const Job& job, Opened& on, std::uint64_t offset, std::size_t size);
  std::int32_t truncate(const Job& job, const Opened& on);
  std::int32_t sync(const Job& job, const Opened& on, bool fails);
  void sync_file(Node& node);
  static bool commits_whole(const Job& job, std::int32_t written);

  // Those on names; disk_directories.cc.
  struct Name {
    std::string path;
    std::int32_t error = 0;  ///< minus an errno of what cannot be looked up
    bool ordinary = true;    ///< its last part is neither ".", ".." nor the root
    bool dot = false;        ///< it is "."
    bool root = false;
    bool slash = false;  ///< it ends in one, as only that of a directory may
  };
  std::int32_t change_names(Job& job);
  Name look_up(const Opened& on, const fs::Path& path) const;
  std::int32_t open_directory(const Job& job);
  std::int32_t list(Job& job, Opened& on);
  std::int32_t describe_path(Job& job, const Opened& on) const;
  std::int32_t rename(const Job& job, const Opened& on);
  std::int32_t unlink(const Job& job, const Opened& on);
  std::int32_t remove_directory(const Job& job, const Opened& on);
  std::int32_t make_directory(const Job& job, const Opened& on);
  bool has_room_for_name(const Job& job);
  void drop_name(const NodePointer& node);
  static std::uint64_t write_facts(const Node& node, internal::StatusOperand& operand);

  Clock& clock_;
  Chooser& chooser_;
  Trace& trace_;
  NetworkUser& user_;
  DiskFaults faults_;
  DiskCounts counts_{};
  DiskNames names_;
  std::vector<NodePointer> nameless_;  ///< files that are open and have no name any more
  std::deque<Opened> opened_;
  std::deque<Job> jobs_;
  std::vector<std::uint32_t> free_jobs_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_token_;  ///< looked up only, never walked
  std::uint64_t serial_ = 0;
  std::uint64_t open_descriptors_ = 0;
  std::uint64_t descriptors_most_ = ~std::uint64_t{0};
  std::uint64_t longest_ = kLongest;
  bool dark_ = false;          ///< without power
  std::uint32_t waiting_ = 0;  ///< opens, for the power
};

}  // namespace tina::sim
