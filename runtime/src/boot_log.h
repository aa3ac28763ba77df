// SPDX-License-Identifier: Apache-2.0
// The log thread: turns the shards' binary log records into lines on stderr. It alone formats and
// writes, so a blocked reader of stderr stalls neither a shard nor the main thread; what the rings
// cannot hold meanwhile is counted and said. Invariant: lines of one shard keep their order.
#pragma once

#include <pthread.h>

#include <atomic>
#include <span>
#include <vector>

#include "src/isolate.h"

namespace tina::internal {

class LogReader {
 public:
  /// Starts the thread over the shards' rings; the span stays valid until `finish`. 0 or an
  /// errno.
  int start(std::span<ShardParts* const> shards);
  /// Shard's thread, once per pass with new records: ends the reader's sleep if it sleeps. One
  /// locked instruction unless it sleeps.
  void notify() {
    // seq_cst, and no plain load: the shard has stored its record and reads this, the reader has
    // stored this and reads the records; a load could pass the store before it, and both would miss
    // the other. Pairs with the exchange before the reader's last look at the rings.
    if (sleeping_.exchange(false, std::memory_order_seq_cst)) wake();
  }
  /// Writes what is left and ends the thread; gives up after `limit_ms` if stderr blocks. Main
  /// thread.
  bool finish(int limit_ms);

 private:
  static void* run(void* self);
  void loop();
  bool drain();
  void wake();
  void say_lost(const ShardParts& shard, std::uint64_t& said);

  std::span<ShardParts* const> shards_;
  pthread_t thread_{};
  int wake_descriptor_ = -1;  ///< eventfd: there are records
  int done_descriptor_ = -1;  ///< eventfd: the thread writes no more
  std::atomic<bool> sleeping_{false};
  std::atomic<bool> finishing_{false};
  std::vector<std::uint64_t> lost_said_;  ///< by shard
};

}  // namespace tina::internal
