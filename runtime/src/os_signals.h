// SPDX-License-Identifier: Apache-2.0
// Signals on their way to isolates. The main thread takes them (os_thread.h) and writes a byte for
// each into the pipe of every object that declares it; the object's descriptor is the other end.
// The write ends stand in one registry of the process, behind a mutex: nothing here is hot.
// Invariants: nobody ever waits for a full pipe; a write end outlives its reader until the next
// signal or the next object at most, so restarts leave nothing behind. Any thread.
#pragma once

#include <cstdint>

#include "tina/table.h"

namespace tina::internal {

/// Those that an isolate may hear of, in the order of tina::os::Signal.
inline constexpr unsigned kSignals = 4;
/// Objects that can hear of signals at once; one more is refused with ENOBUFS.
inline constexpr unsigned kSignalObjectsMax = 1024;

/// Bit per signal that an object declares.
std::uint8_t signals_of(const IoTable& io);
/// Bit per signal that some isolate of a system may hear of.
std::uint8_t signals_of(const SystemTable& system);

/// Opens a pipe that hears of what `io` declares. A descriptor or minus an errno.
std::int32_t open_signals(const IoTable& io, bool never_waits);
/// Tells everyone who has declared it. Main thread; SIGPIPE must be blocked.
void deliver_signal(unsigned which);
/// Ends every pipe: the program is over.
void forget_signals();

/// What has become of the signals so far: bytes written, and those that no pipe had room for.
struct SignalCounts {
  std::uint64_t told, dropped;
};
SignalCounts signal_counts();
/// Write ends that are open.
unsigned signal_listeners();

}  // namespace tina::internal
