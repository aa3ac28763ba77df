// SPDX-License-Identifier: Apache-2.0
// What the simulator asks of a disk (disk.h), which only programs with files have. Simulation's
// thread.
#pragma once

#include <cstdint>
#include <span>

#include "sim/chooser.h"
#include "sim/clock.h"
#include "src/os_backend.h"

namespace tina::sim {

/// How often what happens.
struct DiskFaults {
  Ratio short_read = 4;
  Ratio short_write = 4;
  Ratio io_error = 0;  ///< operations that end in EIO
  /// Writes that end in ENOSPC, after none or some of their bytes, and names that find no room.
  Ratio disk_full = 0;
  Ratio power_loss = 0;                               ///< operations after which the power fails
  std::uint64_t delay_low_ns = 0, delay_high_ns = 0;  ///< added to each operation
  std::uint64_t size = std::uint64_t{64} << 20;       ///< of the disk, bytes
  bool strict = false;                                ///< only directories that were made are there
};

struct DiskCounts {
  std::uint64_t opens, operations, io_errors, no_room, short_reads, short_writes;
  std::uint64_t cancels, late_cancels, bytes_read, bytes_written, syncs, power_losses;
};

class Files {
 public:
  /// Descriptors from here on are the disk's, those before it the network's.
  static constexpr std::int32_t kFirstDescriptor = 1 << 24;

  virtual ~Files() = default;
  virtual void start(unsigned shard, const internal::Operation& operation) = 0;
  /// False: no operation is under way under this token.
  virtual bool cancel(unsigned shard, internal::Token token) = 0;
  virtual void close(unsigned shard, std::int32_t descriptor) = 0;
  /// Bytes of an open file, at once, for a stream that sends them: how many, or minus an errno.
  virtual std::int32_t read_for_send(unsigned shard, std::int32_t descriptor, std::uint64_t offset,
                                     std::span<std::byte> to) = 0;
  /// Carries out kDisk.
  virtual void happen(const Event& event) = 0;
  /// The power fails: nothing that is under way happens any more. It is back when nothing is open;
  /// opens wait for that.
  virtual void fail_power() = 0;
  virtual std::uint64_t open_descriptors() const = 0;
  virtual std::uint64_t operations_in_flight() const = 0;
  virtual const DiskCounts& counts() const = 0;
};

}  // namespace tina::sim
