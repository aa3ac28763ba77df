// SPDX-License-Identifier: Apache-2.0
// An allocation guard: replaces the C library's allocator entry points by ones that count every
// call made while a system serves, and, with TINA_ALLOC_GUARD=abort, end the process at the first
// one with its address. Linked into a program under test only. Invariant: outside serving it
// changes nothing. Any thread may call it.
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "src/boot.h"
#include "src/os_thread.h"

extern "C" {

// The C library's own allocator (glibc), under the names that it keeps for such wrappers.
void* __libc_malloc(std::size_t size);                           // NOLINT
void* __libc_calloc(std::size_t count, std::size_t size);        // NOLINT
void* __libc_realloc(void* memory, std::size_t size);            // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t size);  // NOLINT

bool tina_allocation_guard_linked() { return true; }

}  // extern "C"

namespace {

bool aborts() {
  static const bool kAborts = [] {
    const char* mode = std::getenv("TINA_ALLOC_GUARD");
    return mode != nullptr && std::strcmp(mode, "abort") == 0;
  }();
  return kAborts;
}

// Asked once before any system serves, so that the answer needs no look at the environment later.
[[gnu::constructor]] void ask_mode() { aborts(); }

void count_call(const char* what, std::size_t size, const void* caller) {
  auto* const counter = tina::internal::g_allocation_counter.load(std::memory_order_relaxed);
  if (counter == nullptr || tina::internal::may_allocate()) return;
  counter->fetch_add(1, std::memory_order_relaxed);
  if (!aborts()) return;
  char line[128];
  const int length =
      std::snprintf(line, sizeof line, "allocation guard: %s(%zu) after boot, called from %p\n",
                    what, size, caller);
  [[maybe_unused]] const ssize_t written =
      ::write(STDERR_FILENO, line, static_cast<std::size_t>(length));
  ::abort();
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
  count_call("malloc", size, __builtin_return_address(0));
  return __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  count_call("calloc", count * size, __builtin_return_address(0));
  return __libc_calloc(count, size);
}

void* realloc(void* memory, std::size_t size) {
  count_call("realloc", size, __builtin_return_address(0));
  return __libc_realloc(memory, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
  count_call("memalign", size, __builtin_return_address(0));
  return __libc_memalign(alignment, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count_call("aligned_alloc", size, __builtin_return_address(0));
  return __libc_memalign(alignment, size);
}

int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  count_call("posix_memalign", size, __builtin_return_address(0));
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}

void* mmap(void* address, std::size_t size, int protection, int flags, int file, off_t offset) {
  count_call("mmap", size, __builtin_return_address(0));
  return reinterpret_cast<void*>(
      ::syscall(SYS_mmap, address, size, protection, flags, file, offset));
}

}  // extern "C"
