// SPDX-License-Identifier: Apache-2.0
// Threads, processors and signals as boot needs them. Called at boot and at the end only.
#pragma once

#include <pthread.h>
#include <sched.h>
#include <signal.h>

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
/// Blocks SIGTERM, SIGINT, SIGHUP and SIGPIPE for the calling thread and all that it will start,
/// and returns a descriptor from which the first three can be read; -1 with errno.
int take_signals();
/// Starts a thread. False: the system refuses.
bool start_thread(pthread_t& thread, void* (*run)(void*), void* argument);
/// Tells the processor that this is a wait loop.
inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}
/// Raises the limit of open descriptors to at least `wanted` if the system lets us; returns the
/// limit.
unsigned long raise_descriptor_limit(unsigned long wanted);

}  // namespace tina::internal
