// SPDX-License-Identifier: Apache-2.0
//
// Floor probe: what a memory fault costs when a program survives it. A load from address 0 raises
// SIGSEGV; the handler, on its own stack, jumps back with siglongjmp. This is the least that any
// in-process restart of a faulting isolate can cost. Prints one JSON line; argument: CPU (0).

#include <setjmp.h>

#include "peer.h"

enum { kFaults = 20000, kBatches = 21 };

static sigjmp_buf trap;

static void on_fault(int number) {
  (void)number;
  siglongjmp(trap, 1);
}

static int by_value(const void* left, const void* right) {
  const double a = *(const double*)left, b = *(const double*)right;
  return (a > b) - (a < b);
}

static double fault_many(void) {
  int* volatile nowhere = NULL;
  volatile int caught = 0;
  const uint64_t start = peer_now_ns();
  while (caught < kFaults) {
    // No signal mask to save or restore: the handler runs with SA_NODEFER and an empty mask.
    if (sigsetjmp(trap, 0) == 0) {
      *(volatile int*)nowhere = 1;
    } else {
      ++caught;
    }
  }
  return (double)(peer_now_ns() - start) / (double)kFaults;
}

int main(int argc, char** argv) {
  peer_pin(argc > 1 ? (int)peer_number(argv[0], argv[1], 0, 1023) : 0);
  const size_t bytes = (size_t)sysconf(_SC_SIGSTKSZ) * 2;
  stack_t stack = {.ss_sp = malloc(bytes), .ss_size = bytes};
  if (stack.ss_sp == NULL || sigaltstack(&stack, NULL) != 0) peer_die("signal stack");
  struct sigaction action = {.sa_handler = on_fault, .sa_flags = SA_ONSTACK | SA_NODEFER};
  sigemptyset(&action.sa_mask);
  if (sigaction(SIGSEGV, &action, NULL) != 0) peer_die("sigaction");
  double ns[kBatches];
  (void)fault_many();
  for (int batch = 0; batch < kBatches; ++batch) ns[batch] = fault_many();
  qsort(ns, kBatches, sizeof(ns[0]), by_value);
  printf("{\"benchmark\":\"fault\",\"ns_per_operation\":%.1f,\"min\":%.1f}\n", ns[kBatches / 2],
         ns[0]);
  return 0;
}
