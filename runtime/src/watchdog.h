// SPDX-License-Identifier: Apache-2.0
// The watchdog of a shard: a timer that now and then interrupts the shard's own thread and looks
// whether the handler that ran the last time still runs. One that is slow is reported, once; one
// that has used its limit of processor time is left by the trap's jump, as a fault would leave it.
// Dispatch does nothing for it: which call of a handler runs is told by what it writes anyway.
// Invariants: a jump leaves only handlers, never the runtime (phase is kHandler), and only from the
// program's own text, so that no lock of a library stays taken; a shard that rests is not
// interrupted. Shard's thread and its signal handler. Sources: timer_create(2), signal-safety(7).
#pragma once

#include <signal.h>
#include <time.h>

#include <cstdint>

#include "src/isolate.h"

namespace tina::internal {

/// When a handler is slow, by the clock, and when it is ended, by the processor time that it used.
struct HandlerLimits {
  std::uint64_t slow_ns;
  std::uint64_t limit_ns;
};

/// Looks at a running handler in a slow time or a limit; so late may either be noticed, by a share.
inline constexpr std::uint64_t kLooksPerLimit = 4;
/// A handler that may not be left where it is, in a library or in the runtime, has as much time as
/// its limit again to come out, and no less than this; then the process ends.
inline constexpr std::uint64_t kGraceMinNs = 1'000'000'000;

class Watchdog {
 public:
  Watchdog() = default;
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;
  ~Watchdog() { stop(); }

  /// Makes the timer of the calling thread. `notify(data)`, which must be safe in a signal handler,
  /// is called when the log has a new record. 0 or an errno.
  int start(ShardParts& shard, const HandlerLimits& limits, void (*notify)(void*), void* data);
  /// From now on the shard runs handlers.
  void watch() { arm(period_ns_); }
  /// No tick comes after this.
  void stop();

  /// The shard begins to wait, so that nothing can be slow. A tick finds it so at most once.
  void rest() { resting_ = true; }
  /// Whether a tick has come while the shard waited, which ends a wait in the kernel.
  bool interrupted() {
    const bool was = interrupted_;
    interrupted_ = false;
    return was;
  }
  /// The shard runs again.
  void resume() {
    resting_ = false;
    // A tick that comes between these two finds a shard that does not rest.
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    if (!parked_) return;
    parked_ = false;
    watch();
  }

 private:
  /// What tells one call of a handler from any other of the shard.
  struct Call {
    std::uint64_t pass = ~std::uint64_t{0};
    std::uint64_t calls = 0;  ///< of its type that were counted
    const EntryHeader* message = nullptr;
    Running other{};
    bool same(const Call& as) const {
      return pass == as.pass && calls == as.calls && message == as.message &&
             other.slot == as.other.slot && other.tag == as.other.tag &&
             other.type == as.other.type && other.event == as.other.event;
    }
  };

  static void on_tick(int signal, siginfo_t* info, void* context);
  void tick(const void* context);
  Call running() const;
  void report(const SlowHandler& slow);
  void arm(std::uint64_t delay_ns);

  ShardParts* shard_ = nullptr;
  HandlerLimits limits_{};
  std::uint64_t period_ns_ = 0;
  void (*notify_)(void*) = nullptr;
  void* data_ = nullptr;
  timer_t timer_{};
  bool made_ = false;
  // Read and written on one thread, in and out of its signal handler.
  volatile bool resting_ = false;
  volatile bool interrupted_ = false;
  volatile bool parked_ = false;  ///< the timer is not armed: the shard rested at its last tick
  Call seen_;                     ///< at the last tick
  std::uint64_t since_ns_ = 0;    ///< when it was first seen
  std::uint64_t since_cpu_ns_ = 0;
  bool told_ = false;  ///< that it is slow
};

}  // namespace tina::internal
