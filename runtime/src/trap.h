// SPDX-License-Identifier: Apache-2.0
// The trap boundary: a fault inside a handler ends that isolate, not the process. One sigsetjmp per
// pass lives in run_trapped, below which rounds call the generated batch functions; a signal
// handler on its own stack jumps back to it. Invariants: a jump crosses only generated code,
// handlers (phase is kHandler) and the rounds, which keep in the shard how far they are, and no
// other frame of the runtime; a fault anywhere else ends the process with a report. Shard threads
// only. Sources: signal(7), sigaltstack(2); POSIX allows siglongjmp out of a synchronous signal's
// handler.
#pragma once

#include <array>
#include <csetjmp>
#include <cstdint>

#include "tina/shard_core.h"

namespace tina::internal {

struct ShardParts;

/// What the last fault was.
struct Fault {
  const char* reason;
  std::uint64_t address;
  std::array<std::uint64_t, 5> stack;
  std::uint8_t signal;       ///< 0: an assertion or an exception
  std::uint64_t now_ns = 0;  ///< 0: in the time of this pass
};

struct Trap {
  sigjmp_buf point;
  Fault fault;
  volatile bool armed = false;
};

/// Installs the process-wide handlers of SIGSEGV, SIGBUS, SIGILL and SIGFPE. Main thread, at boot.
/// Returns false if the kernel refuses.
bool install_trap_handlers();

/// Gives the calling thread its alternate stack, which must live as long as the thread, and makes
/// `shard` the one that its faults belong to. Null: none.
bool enter_shard_thread(ShardParts* shard, std::byte* alternate_stack, std::size_t size);
std::size_t alternate_stack_size();

/// Calls `run` behind the trap point. False: a handler has faulted in it, its isolate has ended,
/// and what `run` had still to do is to be done.
[[nodiscard]] bool run_trapped(ShardParts& shard, void (*run)(ShardParts&));

/// Where a signal has interrupted the shard's thread.
struct Interrupted {
  bool in_handler;                ///< in user code below the trap point
  bool own_text;                  ///< in the program's own instructions, not in those of a library
  std::uint64_t program_counter;  ///< relative to the program
};
/// `context` is what a signal handler on a shard's thread was given.
Interrupted interrupted_at(const void* context);
/// Leaves the handler that a signal has interrupted: its isolate ends. From the signal's handler,
/// and only where `in_handler` and `own_text` hold.
[[noreturn]] void leave_handler(const char* reason, std::uint64_t program_counter,
                                std::uint64_t now_ns);
/// Ends the process, which cannot be trusted: one line, no allocation, no lock. Any thread, also in
/// a signal handler.
[[noreturn]] void emergency(const char* what, std::uint64_t at, int line);

/// Ends the isolate whose handler is running, from within it (a simulated crash). Does not return.
[[noreturn]] void crash_running(ShardCore& core, const char* reason);

}  // namespace tina::internal
