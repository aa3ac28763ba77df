// SPDX-License-Identifier: Apache-2.0
// The threads that wait in a shard's place: they carry out what a kernel has no other way for, as
// reading a file where there is no io_uring. A program without such objects has none of them.
// Invariants: a lane has one operation at a time, so the queue cannot overflow; what an operation
// points to is left alone once its completion has been pushed to Returns; nothing allocates after
// `open`. Everything is for the shard's thread but `run`.
#pragma once

#include <pthread.h>

#include <array>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

#include "src/os_backend.h"
#include "src/returns.h"

namespace tina::internal {

class Blocking {
 public:
  /// Threads at most: they wait for a disk, which has few ways to do two things at once.
  static constexpr unsigned kThreadsMax = 4;

  Blocking() = default;
  Blocking(const Blocking&) = delete;
  Blocking& operator=(const Blocking&) = delete;
  ~Blocking() { stop(); }

  /// Starts the threads for so many lanes, whose operations end in `returns`; none for none, which
  /// needs no `returns`. 0 or minus an errno.
  std::int32_t open(std::uint32_t lanes, Returns* returns);
  /// Lets go of what waits, waits for what runs. From then on nothing is touched any more.
  void stop();
  /// The operation waits for a thread.
  void start(const Operation& operation);
  /// True: it was waiting still, and ends with ECANCELED. One that runs ends as it ends.
  bool cancel(Token token);

 private:
  static void* run_thread(void* self);
  void run();

  std::mutex mutex_;
  std::condition_variable work_;
  std::uint32_t places_ = 0;
  std::uint32_t waiting_first_ = 0, waiting_count_ = 0;
  bool stopping_ = false;
  Returns* returns_ = nullptr;
  unsigned threads_ = 0;
  std::array<pthread_t, kThreadsMax> thread_{};
  std::unique_ptr<Operation[]> waiting_;
};

}  // namespace tina::internal
