// SPDX-License-Identifier: Apache-2.0
// The threads that wait in a shard's place: they carry out what a kernel has no other way for, as
// reading a file where there is no io_uring. A program without such objects has none of them.
// Invariants: a lane has one operation at a time, so neither queue can overflow; what an operation
// points to is left alone until its completion has been collected; nothing allocates after `open`.
// Everything is for the shard's thread but `run`.
#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>

#include "src/os_backend.h"

namespace tina::internal {

class Blocking {
 public:
  /// Threads at most: they wait for a disk, which has few ways to do two things at once.
  static constexpr unsigned kThreadsMax = 4;

  Blocking() = default;
  Blocking(const Blocking&) = delete;
  Blocking& operator=(const Blocking&) = delete;
  ~Blocking() { stop(); }

  /// Starts the threads for so many lanes; none for none. `wake_descriptor` is written when there
  /// is something to collect. 0 or minus an errno.
  std::int32_t open(std::uint32_t lanes, int wake_descriptor);
  /// Lets go of what waits, waits for what runs. From then on nothing is touched any more.
  void stop();
  /// The operation waits for a thread.
  void start(const Operation& operation);
  /// True: it was waiting still, and ends with ECANCELED. One that runs ends as it ends.
  bool cancel(Token token);
  /// Whether `collect` would find something. One load.
  bool has_news() const {
    // acquire: pairs with the release in `run`.
    return ended_count_.load(std::memory_order_acquire) != 0;
  }
  /// Hands at most `limit` completions to `completed(Token, value)`; returns how many.
  template <class Completed>
  std::uint32_t collect(std::uint32_t limit, Completed&& completed) {
    std::uint32_t handed = 0;
    for (Ended ended; handed < limit && take(ended); ++handed) {
      completed(ended.token, ended.value);
    }
    return handed;
  }

 private:
  struct Ended {
    Token token;
    std::int32_t value;
  };

  static void* run_thread(void* self);
  void run();
  void push_ended(const Ended& ended);
  bool take(Ended& ended);

  std::mutex mutex_;
  std::condition_variable work_;
  std::uint32_t places_ = 0;
  std::uint32_t waiting_first_ = 0, waiting_count_ = 0;
  std::uint32_t ended_first_ = 0;
  std::atomic<std::uint32_t> ended_count_{0};  ///< written under the mutex
  bool stopping_ = false;
  int wake_descriptor_ = -1;
  unsigned threads_ = 0;
  std::array<pthread_t, kThreadsMax> thread_{};
  std::unique_ptr<Operation[]> waiting_;
  std::unique_ptr<Ended[]> ended_;
};

}  // namespace tina::internal
