// SPDX-License-Identifier: Apache-2.0
// See os_thread.h.
#include "src/os_thread.h"

#include <poll.h>
#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>

#include "src/os_signals.h"

namespace tina::internal {
namespace {

/// Those that isolates may hear of, in the order of their bits.
constexpr int kHeard[kSignals] = {SIGHUP, SIGUSR1, SIGUSR2, SIGWINCH};

// relaxed: written by a signal handler on the thread that reads it.
std::atomic<bool> g_stop_asked{false};
std::atomic<std::uint8_t> g_came{0};
static_assert(std::atomic<bool>::is_always_lock_free);
static_assert(std::atomic<std::uint8_t>::is_always_lock_free);

thread_local bool t_may_allocate = false;

void on_signal(int signal) {
  for (unsigned i = 0; i < kSignals; ++i) {
    if (signal != kHeard[i]) continue;
    g_came.fetch_or(static_cast<std::uint8_t>(1u << i), std::memory_order_relaxed);
    return;
  }
  g_stop_asked.store(true, std::memory_order_relaxed);
}

/// What reaches the main thread while it waits; written once, at the start.
sigset_t g_taken;

}  // namespace

std::vector<int> usable_processors() {
  std::vector<int> processors;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (::sched_getaffinity(0, sizeof set, &set) != 0) return {0};
  for (int i = 0; i < CPU_SETSIZE; ++i) {
    if (CPU_ISSET(i, &set)) processors.push_back(i);
  }
  return processors;
}

int configured_processors() { return static_cast<int>(::sysconf(_SC_NPROCESSORS_CONF)); }

bool has_several_processors() { return ::sysconf(_SC_NPROCESSORS_ONLN) > 1; }

bool pin_to(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  return ::pthread_setaffinity_np(::pthread_self(), sizeof set, &set) == 0;
}

void name_thread(const std::string& name) {
  ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
}

SpaceLeft space_left() {
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const auto left = [page](auto resource, std::uint64_t pages) {
    rlimit limit{};
    if (::getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
      return ~std::uint64_t{0};
    }
    return limit.rlim_cur - std::min<std::uint64_t>(limit.rlim_cur, pages * page);
  };
  std::uint64_t size = 0, resident = 0, shared = 0, text = 0, library = 0, data = 0;
  std::ifstream("/proc/self/statm") >> size >> resident >> shared >> text >> library >> data;
  return {left(RLIMIT_AS, size), left(RLIMIT_DATA, data)};
}

std::uint64_t stack_space() {
  pthread_attr_t attributes;
  std::size_t stack = 0;
  std::size_t guard = 0;
  if (::pthread_attr_init(&attributes) != 0) return 0;
  ::pthread_attr_getstacksize(&attributes, &stack);
  ::pthread_attr_getguardsize(&attributes, &guard);
  ::pthread_attr_destroy(&attributes);
  return stack + guard;
}

void allow_allocation() { t_may_allocate = true; }

bool may_allocate() { return t_may_allocate; }

int start_thread(pthread_t& thread, void* (*run)(void*), void* argument) {
  return ::pthread_create(&thread, nullptr, run, argument);
}

bool take_signals(std::uint8_t declared) {
  sigemptyset(&g_taken);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&g_taken, signal);
  for (unsigned i = 0; i < kSignals; ++i) {
    if ((declared >> i & 1) != 0) sigaddset(&g_taken, kHeard[i]);
  }
  sigset_t blocked = g_taken;
  sigaddset(&blocked, SIGPIPE);
  sigaddset(&blocked, SIGXFSZ);  // a file beyond the process's limit is an error of its write
  if (::pthread_sigmask(SIG_BLOCK, &blocked, nullptr) != 0) return false;
  struct sigaction action{};
  action.sa_handler = on_signal;
  for (int signal = 1; signal < NSIG; ++signal) {
    if (sigismember(&g_taken, signal) != 1) continue;
    if (::sigaction(signal, &action, nullptr) != 0) return false;
  }
  return true;
}

bool wait_readable(int descriptor) {
  sigset_t blocked;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
  for (int signal = 1; signal < NSIG; ++signal) {
    if (sigismember(&g_taken, signal) == 1) sigdelset(&blocked, signal);
  }
  pollfd polled{descriptor, POLLIN, 0};
  return ::ppoll(&polled, 1, nullptr, &blocked) > 0;
}

void rest_ms(int ms) { ::poll(nullptr, 0, ms); }

void wake_thread(int wake_descriptor) {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(wake_descriptor, &one, sizeof one);
}

bool stop_asked() { return g_stop_asked.exchange(false, std::memory_order_relaxed); }

std::uint8_t signals_came() { return g_came.exchange(0, std::memory_order_relaxed); }

unsigned long raise_descriptor_limit(unsigned long wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  if (limit.rlim_cur < wanted) {
    rlimit raised = limit;
    raised.rlim_cur = std::min<rlim_t>(wanted, limit.rlim_max);
    if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return limit.rlim_cur;
}

}  // namespace tina::internal
