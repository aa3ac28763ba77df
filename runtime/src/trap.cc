// SPDX-License-Identifier: Apache-2.0
// See trap.h.
#include "src/trap.h"

#include <pthread.h>
#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "src/isolate.h"

namespace tina::internal {
namespace {

// The shard whose thread this is. Read by signal handlers, so it is resolved at load time.
thread_local ShardParts* t_shard __attribute__((tls_model("initial-exec"))) = nullptr;

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
constexpr int kEmergencyStatus = 70;  // sysexits' EX_SOFTWARE: the runtime itself is at fault

void write_line(const char* text, std::size_t size) {
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text, size);
}

bool in_handler() {
  return t_shard != nullptr && t_shard->trap.armed && t_shard->phase == Phase::kHandler;
}

[[noreturn]] void jump(const char* reason, std::uint8_t signal, std::uint64_t address,
                       std::uint64_t program_counter, std::uint64_t now_ns = 0) {
  Trap& trap = t_shard->trap;
  trap.fault = Fault{reason, address, {program_counter}, signal, now_ns};
  siglongjmp(trap.point, 1);
}

std::uint64_t program_counter_of(const void* context) {
  const auto* user = static_cast<const ucontext_t*>(context);
#if defined(__x86_64__)
  return static_cast<std::uint64_t>(user->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
  return user->uc_mcontext.pc;
#else
  return 0;
#endif
}

/// Addresses are reported relative to the program, so that a symboliser needs no memory map.
std::uint64_t relative(std::uint64_t address);

const char* reason_of(int signal, bool clock_trap) {
  if (clock_trap) return "read the real clock in simulation";
  switch (signal) {
    case SIGSEGV:
      return "invalid memory access";
    case SIGBUS:
      return "memory access without backing";
    case SIGILL:
      return "illegal instruction";
    default:
      return "arithmetic fault";
  }
}

void on_fault(int signal, siginfo_t* info, void* context) {
  const std::uint64_t at = relative(program_counter_of(context));
  const auto address = reinterpret_cast<std::uint64_t>(info->si_addr);
  // In simulation the time stamp counter is closed: a read of it arrives as a fault of the
  // kernel's.
  const bool clock_trap = signal == SIGSEGV && info->si_code == SI_KERNEL && t_shard != nullptr &&
                          t_shard->clock_closed;
  // A signal that somebody sent (kill, raise) is nobody's fault here.
  const bool synchronous = info->si_code > 0;
  if (synchronous && in_handler()) {
    jump(reason_of(signal, clock_trap), static_cast<std::uint8_t>(signal), address, at);
  }
  emergency(reason_of(signal, clock_trap), at, signal);
}

}  // namespace

// NOLINTBEGIN: the linker's names
extern "C" const char __ehdr_start __attribute__((visibility("hidden")));
extern "C" const char etext __attribute__((visibility("hidden")));
// NOLINTEND

namespace {
std::uint64_t relative(std::uint64_t address) {
  return address - reinterpret_cast<std::uint64_t>(&__ehdr_start);
}
}  // namespace

void emergency(const char* what, std::uint64_t at, int line) {
  char text[256];
  const int size = std::snprintf(text, sizeof text,
                                 "level=fatal event=emergency what=\"%s\" at=0x%llx line=%d "
                                 "shard=%d\n",
                                 what, static_cast<unsigned long long>(at), line,
                                 t_shard == nullptr ? -1 : static_cast<int>(index(t_shard->shard)));
  write_line(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  ::_exit(kEmergencyStatus);
}

Interrupted interrupted_at(const void* context) {
  const std::uint64_t at = relative(program_counter_of(context));
  const bool own_text = at < relative(reinterpret_cast<std::uint64_t>(&etext));
  return {in_handler(), own_text, at};
}

void leave_handler(const char* reason, std::uint64_t program_counter, std::uint64_t now_ns) {
  TINA_ASSERT(in_handler());
  jump(reason, 0, 0, program_counter, now_ns);
}

void assertion_failed(const char* expression, const char* file, int line) noexcept {
  if (in_handler())
    jump(expression, 0, 0, relative(reinterpret_cast<std::uint64_t>(__builtin_return_address(0))));
  char text[256];
  std::snprintf(text, sizeof text, "assertion %s failed in %s", expression, file);
  emergency(text, 0, line);
}

bool install_trap_handlers() {
  struct sigaction action;
  std::memset(&action, 0, sizeof action);
  action.sa_sigaction = on_fault;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (const int signal : kSignals) {
    if (::sigaction(signal, &action, nullptr) != 0) return false;
  }
  return true;
}

std::size_t alternate_stack_size() {
  const long minimum = ::sysconf(_SC_SIGSTKSZ);
  return round_up(minimum < 32768 ? 32768 : static_cast<std::size_t>(minimum), 4096);
}

bool enter_shard_thread(ShardParts* shard, std::byte* alternate_stack, std::size_t size) {
  t_shard = shard;
  stack_t stack;
  std::memset(&stack, 0, sizeof stack);
  stack.ss_sp = alternate_stack;
  stack.ss_size = size;
  stack.ss_flags = shard == nullptr ? SS_DISABLE : 0;
  return ::sigaltstack(&stack, nullptr) == 0;
}

[[gnu::noinline]] bool run_trapped(ShardParts& shard, void (*run)(ShardParts&)) {
  // Everything that is needed after a jump lives in `shard`, whose address does not change.
  ShardParts* volatile self = &shard;
  if (sigsetjmp(shard.trap.point, 0) != 0) {
    self->trap.armed = false;
    running_isolate_faulted(*self);
    return false;
  }
  shard.trap.armed = true;
  run(shard);
  shard.trap.armed = false;
  return true;
}

void crash_running(ShardCore&, const char* reason) {
  TINA_ASSERT(in_handler());
  jump(reason, 0, 0, 0);
}

}  // namespace tina::internal
