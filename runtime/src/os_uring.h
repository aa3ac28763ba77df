// SPDX-License-Identifier: Apache-2.0
// The production platform: CLOCK_MONOTONIC, io_uring, eventfd. One per shard, made on the shard's
// thread (the kernel holds a ring with SINGLE_ISSUER to the thread that enabled it). Invariants:
// one `enter` per pass, and one more for each full batch of entries; the completion queue has a
// place for every lane of the shard and every buffer that is lent, so it cannot overflow. Sources:
// io_uring_setup(2), io_uring_enter(2).
#pragma once

#include <liburing.h>

#include <array>
#include <atomic>
#include <cstdint>

#include "src/os_backend.h"
#include "src/os_blocking.h"
#include "src/os_clock.h"
#include "src/os_thread.h"
#include "src/os_uring_buffers.h"
#include "src/resolver_lanes.h"
#include "src/returns.h"

namespace tina::internal {

/// What the I/O objects of a shard read ahead.
struct ReadAheads {
  std::uint32_t groups = 0;   ///< objects that do
  std::uint32_t buffers = 0;  ///< that may be lent to them all at once
};

class UringPlatform {
 public:
  /// Places in the submission queue.
  static constexpr unsigned kSubmissionEntries = 1024;
  /// So many are submitted before the pass ends: who is served first need not wait for the last. At
  /// two operations a request it is a sixteenth of a system call for each, and shortens the tail.
  static constexpr unsigned kEntriesPerEnter = 32;

  UringPlatform() = default;
  UringPlatform(const UringPlatform&) = delete;
  UringPlatform& operator=(const UringPlatform&) = delete;
  ~UringPlatform();

  /// Makes the ring with room for `lanes` outstanding operations. `wake_descriptor` is an eventfd
  /// that others write to end a sleep; it stays the caller's. `waiting_lanes`: those that may need
  /// what io_uring has no operation for. Returns 0 or minus an errno. Shard's thread.
  std::int32_t open(std::uint32_t lanes, int wake_descriptor, std::uint32_t waiting_lanes = 0,
                    ReadAheads ahead = {});
  /// Objects that can read ahead: fewer than asked for if the kernel or its policy allows no more.
  std::uint32_t groups() const { return buffers_.groups(); }
  /// Whether this kernel and its policy let us have so many rings as `open` makes them for so many
  /// lanes, all at once: 0 or minus an errno. `features` are IORING_FEAT_*.
  static std::int32_t probe(std::uint32_t lanes, unsigned rings, std::uint32_t& features);

  static const BackendCalls& calls();
  /// Takes completions also from other threads. Before `open`.
  void listen_to(Returns& returns) { returns_ = &returns; }
  /// Has names resolved there. Before the first pass.
  void resolve_by(ResolverLanes& lanes) { resolver_ = &lanes; }

  std::uint64_t now_ns() const { return monotonic_ns(); }

  /// Hands at most `limit` completions to `completed(Token, value)`; returns how many. A full pass
  /// costs no system call: the kernel is entered only if it says that it has work to finish for us.
  template <class Completed>
  std::uint32_t collect(std::uint32_t limit, Completed&& completed);
  /// Whether `collect` would find something, or has to let the kernel work for it. Two loads, and
  /// a pause if not.
  bool has_news() const {
    if (kernel_has_work() || io_uring_cq_ready(&ring_) > 0) return true;
    if (returns_ != nullptr && returns_->any()) return true;
    relax();
    return false;
  }
  /// Submits what was started in this pass.
  void submit();
  /// Blocks until a completion, a wake, or `deadline_ns` (0: none).
  void sleep(std::uint64_t deadline_ns);
  /// Nothing that was started is touched any more, but by the kernel.
  void stop() { blocking_.stop(); }
  /// What this has asked of the kernel so far, but for opening and closing.
  std::uint64_t system_calls() const { return system_calls_; }

 private:
  /// In the token of the sync that follows a write: its success is that of both.
  static constexpr std::uint64_t kCommitted = std::uint64_t{1} << 61;
  static constexpr std::uint64_t kIgnored = ~std::uint64_t{0};
  static constexpr std::uint64_t kWake = ~std::uint64_t{0} - 1;

  /// So many entries will be submitted by one call, as those of a link must be.
  void make_room(unsigned entries);
  io_uring_sqe* next_sqe();
  void start(const Operation& operation);
  void prepare(const Operation& operation);
  void learn_operations();
  void start_commit(const Operation& operation);
  void cancel(Token token);
  static Token token_of(const io_uring_cqe& cqe);
  void arm_wake();
  bool take_own(const io_uring_cqe& cqe);
  bool kernel_has_work() const {
    // acquire: pairs with the kernel's release of the flags word.
    return (std::atomic_ref<unsigned>(*ring_.sq.kflags).load(std::memory_order_acquire) &
            (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
  }

  io_uring ring_{};
  std::array<bool, kOpCodes> in_ring_{};  ///< operations of files that this kernel has
  std::uint64_t system_calls_ = 0;
  bool open_ = false;
  Returns* returns_ = nullptr;  ///< null: nothing ends on another thread
  ResolverLanes* resolver_ = nullptr;
  int wake_descriptor_ = -1;
  Blocking blocking_;
  UringBuffers buffers_;
};

/// With what a read-ahead says besides the value.
inline Token UringPlatform::token_of(const io_uring_cqe& cqe) {
  Token token{cqe.user_data};
  if ((cqe.flags & (IORING_CQE_F_MORE | IORING_CQE_F_BUFFER)) != 0) [[unlikely]] {
    if ((cqe.flags & IORING_CQE_F_MORE) != 0) token.bits |= Token::kMore;
    if ((cqe.flags & IORING_CQE_F_BUFFER) != 0) token.bits |= Token::kTook;
  }
  return token;
}

template <class Completed>
std::uint32_t UringPlatform::collect(std::uint32_t limit, Completed&& completed) {
  if (kernel_has_work()) {
    io_uring_get_events(&ring_);
    ++system_calls_;
  }
  unsigned head = 0;
  unsigned seen = 0;
  std::uint32_t handed = returns_ == nullptr ? 0 : returns_->collect(limit, completed);
  io_uring_cqe* cqe = nullptr;
  io_uring_for_each_cqe(&ring_, head, cqe) {
    if (handed == limit) break;
    ++seen;
    if (take_own(*cqe)) continue;
    ++handed;
    if ((cqe->user_data & kCommitted) != 0) [[unlikely]] {
      completed(Token{cqe->user_data & ~kCommitted}, cqe->res >= 0 ? kAllMoved : cqe->res);
      continue;
    }
    completed(token_of(*cqe), cqe->res);
  }
  if (seen > 0) io_uring_cq_advance(&ring_, seen);
  return handed;
}

}  // namespace tina::internal
