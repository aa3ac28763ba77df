// SPDX-License-Identifier: Apache-2.0
// Closes the processor's time stamp counter for the calling thread, so that a handler that reads a
// clock faults instead of silently making its run unrepeatable. The vdso's clock_gettime
// (steady_clock, system_clock) reads that counter where the kernel's clocksource is tsc or a
// paravirtual clock. Not caught: coarse clocks and time(), which read memory, and clock system
// calls of other clocksources; for these there is the comparison of two runs. x86-64 Linux, without
// a sanitizer, whose allocator reads clocks; elsewhere nothing is closed, and `works` says so.
// Source: prctl(2), PR_SET_TSC. Simulation's thread.
#pragma once

namespace tina::sim {

/// What the trap boundary reports for it (src/trap.cc).
inline constexpr const char* kClockReason = "read the real clock in simulation";

/// Open at first. Each change is one system call (about 0.1 us), none if nothing changes. Handlers
/// alone run with it closed: a memory allocator, which the simulator uses, may read clocks for its
/// own ends.
class ClosedClock {
 public:
  ClosedClock();
  ~ClosedClock() { open(); }
  ClosedClock(const ClosedClock&) = delete;
  ClosedClock& operator=(const ClosedClock&) = delete;

  /// Whether this machine can close it.
  bool works() const { return works_; }
  void close() {
    if (!closed_ && works_) set(true);
  }
  void open() {
    if (closed_) set(false);
  }

 private:
  void set(bool closed);

  bool works_ = false;
  bool closed_ = false;
};

}  // namespace tina::sim
