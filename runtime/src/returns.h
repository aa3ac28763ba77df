// SPDX-License-Identifier: Apache-2.0
// How completions come back to a shard from threads that are not shards: those that carry out what
// no backend can, such as resolving names. Invariants: it has a place for every lane of the shard,
// so it cannot overflow; a completion that is pushed wakes the shard if it sleeps. What such a
// thread has written before `push`, the shard reads after it has taken the completion.
#pragma once

#include "src/many_to_one.h"
#include "src/os_backend.h"
#include "src/os_thread.h"
#include "src/sleep_flag.h"

namespace tina::internal {

class Returns {
 public:
  /// Makes room for `lanes` completions. `wake_descriptor` is what the shard sleeps on.
  void open(std::uint32_t lanes, SleepFlag& sleeper, int wake_descriptor) {
    queue_.make_room(lanes);
    sleeper_ = &sleeper;
    wake_descriptor_ = wake_descriptor;
  }
  bool is_open() const { return sleeper_ != nullptr; }

  /// An operation of the shard has ended. Any thread, also the shard's own; wait-free but for the
  /// wake, which is a system call.
  void push(Token token, std::int32_t value) {
    queue_.push({token, value});
    if (sleeper_->should_wake()) wake_thread(wake_descriptor_);
  }

  /// Hands at most `limit` completions to `completed(Token, value)`; returns how many. Shard's
  /// thread.
  template <class Completed>
  std::uint32_t collect(std::uint32_t limit, Completed&& completed) {
    std::uint32_t handed = 0;
    Completion next;
    while (handed < limit && queue_.pop(next)) {
      ++handed;
      completed(next.token, next.value);
    }
    return handed;
  }
  /// Whether `collect` would find something. Shard's thread; one load.
  bool any() const { return queue_.any(); }
  /// The same after the shard has announced its sleep.
  bool any_for_sleeper() const { return queue_.any_for_sleeper(); }

 private:
  struct Completion {
    Token token{};
    std::int32_t value = 0;
  };

  ManyToOne<Completion> queue_;
  SleepFlag* sleeper_ = nullptr;
  int wake_descriptor_ = -1;
};

}  // namespace tina::internal
