// SPDX-License-Identifier: Apache-2.0
// The simulated disk: files in memory, for one run, with what is on the medium kept apart from what
// was written (disk_file.h). Latency, short reads and writes down to one byte, errors, a full disk
// and late cancels are drawn from the chooser; completions of different files, and of both lanes of
// one, overtake each other. Every directory that a path goes through exists; the working directory
// is the root. Invariants: every started operation completes exactly once; a descriptor number is
// never used twice. Simulation's thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "sim/chooser.h"
#include "sim/clock.h"
#include "sim/disk_file.h"
#include "sim/trace.h"
#include "src/os_backend.h"

namespace tina::sim {

class NetworkUser;

/// How often what happens.
struct DiskFaults {
  Ratio short_read = 4;
  Ratio short_write = 4;
  Ratio io_error = 0;   ///< operations that end in EIO
  Ratio disk_full = 0;  ///< writes that end in ENOSPC, after none or some of their bytes
  std::uint64_t delay_low_ns = 0, delay_high_ns = 0;  ///< added to each operation
  std::uint64_t size = std::uint64_t{64} << 20;       ///< of the disk, bytes
};

struct DiskCounts {
  std::uint64_t opens, operations, io_errors, no_room, short_reads, short_writes;
  std::uint64_t cancels, late_cancels, bytes_read, bytes_written, syncs;
};

class Disk {
 public:
  /// Descriptors from here on are the disk's, those before it the network's.
  static constexpr std::int32_t kFirstDescriptor = 1 << 24;

  Disk(Clock& clock, Chooser& chooser, Trace& trace, NetworkUser& user, const DiskFaults& faults)
      : clock_(clock), chooser_(chooser), trace_(trace), user_(user), faults_(faults) {}

  void start(unsigned shard, const internal::Operation& operation);
  /// False: no operation is under way under this token.
  bool cancel(unsigned shard, internal::Token token);
  void close(unsigned shard, std::int32_t descriptor);
  /// Carries out kDisk.
  void happen(const Event& event);

  /// The power goes and comes back: of what no sync has confirmed, each sector is there or not.
  /// Nothing may be open.
  void lose_power();

  std::uint64_t open_descriptors() const { return open_descriptors_; }
  std::uint64_t operations_in_flight() const { return by_token_.size(); }
  const DiskCounts& counts() const { return counts_; }

 private:
  /// kSyncing: of a commit that has written all.
  enum class Phase : std::uint8_t { kFree, kStarted, kSyncing, kDecided };
  struct Entry {
    StoredFile file;
    std::uint32_t mode = 0;
    std::uint64_t modified_ns = 0;
  };
  struct Opened {
    unsigned shard = 0;
    Entry* entry = nullptr;    ///< null: a directory
    std::uint64_t entity = 0;  ///< of its path: whom draws are about
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
  bool is_directory(const std::string& path) const;
  bool below_a_file(const std::string& path) const;
  std::uint32_t new_job();
  std::uint64_t sectors_free() const;
  std::uint64_t latency_ns(const Job& job);
  void later(std::uint32_t number, std::uint64_t delay_ns);
  void decide(std::uint32_t number, std::int32_t value);
  void complete(std::uint32_t number);
  std::size_t shorten(const Job& job, std::size_t size, Ratio rate, std::uint64_t& count);

  // What operations do; disk_operations.cc.
  void attempt(std::uint32_t number);
  std::int32_t carry_out(Job& job);
  std::int32_t open(const Job& job);
  std::int32_t read(Job& job, const Opened& on);
  std::int32_t describe(Job& job, const Opened& on) const;
  std::int32_t write(Job& job, Opened& on);
  std::size_t room(const Job& job, Opened& on, std::uint64_t offset, std::size_t size);
  std::int32_t truncate(const Job& job, const Opened& on);
  std::int32_t sync(const Job& job, const Opened& on, bool fails);
  static bool commits_whole(const Job& job, std::int32_t written);

  Clock& clock_;
  Chooser& chooser_;
  Trace& trace_;
  NetworkUser& user_;
  DiskFaults faults_;
  DiskCounts counts_{};
  std::map<std::string, Entry> entries_;  ///< by path, without its first slash
  std::deque<Opened> opened_;
  std::deque<Job> jobs_;
  std::vector<std::uint32_t> free_jobs_;
  std::unordered_map<std::uint64_t, std::uint32_t> by_token_;  ///< looked up only, never walked
  std::uint64_t serial_ = 0;
  std::uint64_t open_descriptors_ = 0;
};

}  // namespace tina::sim
