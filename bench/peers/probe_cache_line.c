// SPDX-License-Identifier: Apache-2.0
//
// Floor probe: the round trip of one cache line between two CPUs. Two pinned threads pass a number
// back and forth through two lines; nothing across shards can be faster. Prints one JSON line with
// the median over batches of round trips. Arguments: CPU CPU (0 and 1 by default).

#include <pthread.h>
#include <stdatomic.h>

#include "peer.h"

enum { kBatch = 20000, kBatches = 51 };

static struct {
  _Alignas(128) atomic_uint there;
  _Alignas(128) atomic_uint back;
} lines;
static int cpus[2] = {0, 1};

static void* answer(void* unused) {
  (void)unused;
  peer_pin(cpus[1]);
  const unsigned last = (unsigned)kBatch * (kBatches + 1);
  for (unsigned wanted = 1; wanted <= last; ++wanted) {
    while (atomic_load_explicit(&lines.there, memory_order_acquire) != wanted) continue;
    atomic_store_explicit(&lines.back, wanted, memory_order_release);
  }
  return NULL;
}

static int by_value(const void* left, const void* right) {
  const double a = *(const double*)left, b = *(const double*)right;
  return (a > b) - (a < b);
}

int main(int argc, char** argv) {
  for (int index = 1; index < argc && index <= 2; ++index) {
    cpus[index - 1] = (int)peer_number(argv[0], argv[index], 0, 1023);
  }
  pthread_t other;
  if (pthread_create(&other, NULL, answer, NULL) != 0) peer_die("thread");
  peer_pin(cpus[0]);
  double ns[kBatches];
  unsigned number = 0;
  for (int batch = -1; batch < kBatches; ++batch) {  // the first batch only warms up
    const uint64_t start = peer_now_ns();
    for (int trip = 0; trip < kBatch; ++trip) {
      atomic_store_explicit(&lines.there, ++number, memory_order_release);
      while (atomic_load_explicit(&lines.back, memory_order_acquire) != number) continue;
    }
    if (batch >= 0) ns[batch] = (double)(peer_now_ns() - start) / (double)kBatch;
  }
  pthread_join(other, NULL);
  qsort(ns, kBatches, sizeof(ns[0]), by_value);
  printf("{\"benchmark\":\"cache_line\",\"ns_per_round_trip\":%.2f,\"min\":%.2f,\"max\":%.2f}\n",
         ns[kBatches / 2], ns[0], ns[kBatches - 1]);
  return 0;
}
