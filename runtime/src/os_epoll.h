// SPDX-License-Identifier: Apache-2.0
// The production platform where io_uring is refused: CLOCK_MONOTONIC, epoll, eventfd. One per
// shard. An operation is tried at once; if it would wait, it stays in its lane until the descriptor
// is ready. Descriptors are registered once, edge-triggered in both directions, and what is known
// of their readiness is remembered: a receive that gave less than it could has emptied its socket
// and is not tried again before the next edge. Invariants: at most one epoll_wait per pass, none if
// nothing waits; a lane has at most one completion in the queue, which has a place for every lane,
// so it cannot overflow; nothing allocates after `open`. Source: epoll(7), questions 7 and 9.
#pragma once

#include <sys/epoll.h>

#include <array>
#include <cstdint>
#include <memory>

#include "src/os_backend.h"
#include "src/os_blocking.h"
#include "src/os_clock.h"
#include "src/os_lanes.h"
#include "src/resolver_lanes.h"
#include "src/returns.h"

namespace tina::internal {

class EpollPlatform {
 public:
  /// Events that one look takes; the kernel keeps the others, oldest first.
  static constexpr unsigned kEventsPerLook = 512;
  /// Descriptors from this number on are refused with EMFILE, whatever the limit says.
  static constexpr std::uint32_t kDescriptorsMax = 1u << 22;
  /// Passes in a row that take completions from the queue without a look at the kernel.
  static constexpr unsigned kPassesWithoutLook = 2;

  EpollPlatform() = default;
  EpollPlatform(const EpollPlatform&) = delete;
  EpollPlatform& operator=(const EpollPlatform&) = delete;
  ~EpollPlatform();

  /// Makes room for the lanes of a shard. `wake_descriptor` is an eventfd that others write to end
  /// a sleep; it stays the caller's. Returns 0 or minus an errno. Shard's thread.
  /// `waiting_lanes`: those of them whose operations wait in threads, as those of files do.
  std::int32_t open(std::span<const LaneGroup> lanes, int wake_descriptor,
                    std::uint32_t waiting_lanes = 0);
  /// Whether this kernel and its policy let us have an epoll: 0 or minus an errno; whether
  /// it can wait for less than a millisecond.
  static std::int32_t probe(bool& fine_timeouts);

  static const BackendCalls& calls();
  /// Takes completions also from other threads. Before `open`.
  void listen_to(Returns& returns) { returns_ = &returns; }
  /// Has names resolved there. Before the first pass.
  void resolve_by(ResolverLanes& lanes) { resolver_ = &lanes; }

  std::uint64_t now_ns() const { return monotonic_ns(); }

  /// Hands at most `limit` completions to `completed(Token, value)`; returns how many. Those that
  /// `completed` makes wait for the next call.
  template <class Completed>
  std::uint32_t collect(std::uint32_t limit, Completed&& completed);
  /// Whether `collect` would find something; that is for the next one to take. A system call, which
  /// takes long enough for a wait loop, unless something is known or nothing waits: then a pause.
  bool has_news();
  /// Nothing is left to submit: operations are tried as they start.
  void submit() {}
  /// Blocks until something is ready, a wake, or `deadline_ns` (0: none).
  void sleep(std::uint64_t deadline_ns);

  /// Nothing that was started is touched any more.
  void stop() { blocking_.stop(); }
  /// What this has asked of the kernel so far, but for opening and closing.
  std::uint64_t system_calls() const { return system_calls_; }
  /// Operations that wait for their descriptor.
  std::uint32_t waiting() const { return waiting_; }

 private:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};
  static constexpr std::uint64_t kWakeEvent = ~std::uint64_t{0};

  enum Side : std::uint8_t { kReads, kWrites };
  /// What is known of a descriptor: an operation of that side may succeed now.
  static constexpr std::uint8_t kMayRead = 1, kMayWrite = 2;
  /// Its peer has ended or broken it: reads never wait again.
  static constexpr std::uint8_t kEnded = 4;

  /// A descriptor that is registered with the kernel.
  struct Watched {
    std::int32_t descriptor;
    std::uint32_t generation;  ///< grows when it is closed, so that a late event fits nothing
    std::uint32_t lane[2];     ///< whose operation waits for it, by side; kNone
    std::uint32_t next_free;
    std::uint8_t known;
  };
  /// The operation that waits in a lane.
  struct Lane {
    Operation operation;
    std::uint32_t watched = kNone;  ///< kNone: none waits
  };
  struct Completion {
    Token token;
    std::int32_t value;
  };

  static Side side_of(OpCode op);
  static void forget(Watched& watched, std::uint8_t fact) {
    watched.known = static_cast<std::uint8_t>(watched.known & ~fact);
  }
  std::int32_t attempt(const Operation& operation);
  std::int32_t accept(const Operation& operation);
  std::int32_t keep_in_bounds(std::int32_t descriptor);
  void start(const Operation& operation);
  bool try_first(const Operation& operation, const Watched* watched) const;
  void learn(Watched& watched, const Operation& operation, std::int32_t value);
  std::int32_t move_batch(const Operation& operation);
  void wait_for(const Operation& operation);
  void retry(Watched& watched, Side side);
  void stop_waiting(Lane& lane);
  std::int32_t watch(std::int32_t descriptor, std::uint32_t& number);
  void cancel(Token token);
  void close(std::int32_t descriptor);
  void look(const timespec* limit);
  void take_events();
  void push(Token token, std::int32_t value) { queue_[tail_++ & queue_mask_] = {token, value}; }
  bool worth_a_look() const {
    return waiting_ > 0 && (head_ == tail_ || passes_without_look_ >= kPassesWithoutLook);
  }

  Blocking blocking_;
  std::uint64_t system_calls_ = 0;
  int epoll_ = -1;
  Returns* returns_ = nullptr;  ///< null: nothing ends on another thread
  ResolverLanes* resolver_ = nullptr;
  bool fine_timeouts_ = false;  ///< epoll_pwait2 is there
  std::uint32_t waiting_ = 0;
  std::uint32_t head_ = 0, tail_ = 0, queue_mask_ = 0;
  unsigned events_ready_ = 0;
  unsigned passes_without_look_ = 0;
  std::uint32_t descriptors_ = 0;  ///< the first number that is refused
  std::uint32_t first_free_ = kNone;
  LaneNumbers numbers_;
  std::unique_ptr<Lane[]> lanes_;
  std::unique_ptr<Watched[]> watched_;
  std::unique_ptr<Completion[]> queue_;
  /// Which Watched a descriptor has, plus 1; 0: none. A mapping, so that only used parts exist.
  std::uint32_t* watched_of_ = nullptr;
  std::array<epoll_event, kEventsPerLook> events_;
};

template <class Completed>
std::uint32_t EpollPlatform::collect(std::uint32_t limit, Completed&& completed) {
  if (events_ready_ == 0 && worth_a_look()) {
    constexpr timespec kAtOnce{0, 0};
    look(&kAtOnce);
  } else {
    ++passes_without_look_;
  }
  take_events();
  const std::uint32_t returned = returns_ == nullptr ? 0 : returns_->collect(limit, completed);
  limit -= returned;
  const std::uint32_t end = tail_ - head_ > limit ? head_ + limit : tail_;
  const std::uint32_t handed = returned + (end - head_);
  while (head_ != end) {
    const Completion next = queue_[head_++ & queue_mask_];
    completed(next.token, next.value);
  }
  return handed;
}

}  // namespace tina::internal
