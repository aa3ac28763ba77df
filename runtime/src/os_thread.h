// SPDX-License-Identifier: Apache-2.0
// Threads, processors and signals as boot needs them. Called at boot and at the end only.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <signal.h>

#include <cstdint>
#include <string>
#include <vector>

namespace tina::internal {

/// The processors that this process may use, ascending.
std::vector<int> usable_processors();
/// Processors that the machine has, whether this process may use them or not: 0 .. n-1.
int configured_processors();
/// Whether something else can run while one processor spins, also if this process may not use it.
bool has_several_processors();
/// Holds the calling thread to one processor. False: the kernel refuses.
bool pin_to(int processor);
/// Blocks SIGTERM, SIGINT, SIGHUP, SIGPIPE, SIGXFSZ and what else `declared` names (os_signals.h)
/// for the calling thread and all that it will start. All but SIGPIPE and SIGXFSZ reach it in
/// wait_readable() alone. Not by signalfd: the kernel wakes who polls one at each signal of the
/// process, and so at each memory fault of a handler. False with errno.
bool take_signals(std::uint8_t declared);
/// Has the calling thread do nothing for so long. Boot only.
void rest_ms(int ms);
/// Waits until `descriptor` can be read (true) or one of those signals has come.
bool wait_readable(int descriptor);
/// Ends the wait of the thread, a shard's or another, that sleeps until this eventfd can be read. A
/// system call; any thread.
void wake_thread(int wake_descriptor);
/// Whether SIGTERM or SIGINT has come since the last question.
bool stop_asked();
/// The others that have come since the last question, a bit each as in os_signals.h.
std::uint8_t signals_came();
/// Names the calling thread, as `top -H` and debuggers show it: its first 15 bytes.
void name_thread(const std::string& name);
/// Starts a thread. 0 or an errno: the system refuses.
int start_thread(pthread_t& thread, void* (*run)(void*), void* argument);
/// Says that the calling thread may allocate after boot, and whether it may: only who serves no
/// isolate.
void allow_allocation();
bool may_allocate();
/// Tells the processor that this is a wait loop.
inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}
/// What this process may still map: address space, and private memory that it may write to.
struct SpaceLeft {
  std::uint64_t address = ~std::uint64_t{0};
  std::uint64_t data = ~std::uint64_t{0};
};
SpaceLeft space_left();
/// Bytes that the stack of a thread takes with its guard.
std::uint64_t stack_space();
/// Raises the limit of open descriptors to at least `wanted` if the system lets us; returns the
/// limit.
unsigned long raise_descriptor_limit(unsigned long wanted);

}  // namespace tina::internal
