// SPDX-License-Identifier: Apache-2.0
// The word by which a shard tells its peers that it sleeps, so that they wake it once and only
// then.
//
// Why: waking a thread costs its waker 7-10 us, so a sender may do it only if the receiver sleeps;
// but a receiver that decides to sleep while a message is on its way must not sleep on it.
//
// Protocol. The sleeper: announce_sleep(); then Ring::empty_for_sleeper() on *every* inbound ring;
// if all are empty, block; in any case clear() before it goes on. The sender: Ring::publish(), then
// should_wake(), and if that says so, the wake (a futex or eventfd that remembers a wake which
// comes before the wait). Each writes its own word and then reads the other's, with seq_cst: in the
// one order of all four operations, whoever comes second sees the first (Dekker's argument). Weaker
// orders let a store wait in a buffer past the load behind it, and a wake is lost.
//
// Invariants: 1 only between announce_sleep() and whichever of clear() and should_wake() comes
// first; each announced sleep is taken by exactly one of them. A wake may arrive after its sleep
// has ended, so the sleeper treats every wake as a hint. Owner: the sleeping shard; any peer may
// ask.
#pragma once

#include <atomic>
#include <cstdint>
#include <type_traits>

#include "tina/base.h"

namespace tina::internal {

/// Whether one shard sleeps, on a cache line of its own. 32 bits, so that it can be a futex.
class alignas(kCacheLine) SleepFlag {
 public:
  /// The sleeper says that it is about to block. It must look at all its rings after this, before
  /// it blocks.
  void announce_sleep() {
    // seq_cst: pairs with the load in should_wake(); it may not sink below the loads in
    // Ring::empty_for_sleeper() that follow.
    sleeping_.exchange(1, std::memory_order_seq_cst);
  }

  /// The sleeper says that it is awake. True if a sender has taken this sleep: its wake has come or
  /// is on its way, and the descriptor or futex behind it needs draining.
  bool clear() {
    // acq_rel: pairs with the exchange in should_wake(); only one of the two gets the 1.
    return sleeping_.exchange(0, std::memory_order_acq_rel) == 0;
  }

  /// After a publish, the sender asks whether it must wake the owner: true for one sender, once per
  /// announced sleep. A load if the owner is awake.
  [[nodiscard]] bool should_wake() {
    // seq_cst: pairs with the exchange in announce_sleep(); it may not rise above the exchange in
    // Ring::publish() that came before.
    if (sleeping_.load(std::memory_order_seq_cst) == 0) return false;
    // acq_rel: pairs with clear() and with the same line run by other senders; one gets the 1.
    return sleeping_.exchange(0, std::memory_order_acq_rel) == 1;
  }

  /// The word, for a futex wait while it is 1. Blocks nobody else.
  [[nodiscard]] std::atomic<std::uint32_t>& word() { return sleeping_; }

 private:
  std::atomic<std::uint32_t> sleeping_{0};
};
static_assert(sizeof(SleepFlag) == kCacheLine);
static_assert(std::atomic<std::uint32_t>::is_always_lock_free);
static_assert(std::is_trivially_destructible_v<SleepFlag>);

}  // namespace tina::internal
