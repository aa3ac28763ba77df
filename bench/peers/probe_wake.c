// SPDX-License-Identifier: Apache-2.0
//
// Floor probe: how long the kernel takes to run a thread that sleeps. One pinned thread writes an
// eventfd every 2 ms, another one on the other CPU sleeps in a read of it; what is timed is from
// before the write until after the read. Both have slept before, so their CPUs have, too. Prints
// one JSON line. Arguments: CPU CPU (0 and 1 by default).

#include <pthread.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

#include "peer.h"

enum { kWakes = 1000, kPauseNs = 2000000 };

static int cpus[2] = {0, 1};
static int bell;
static atomic_ullong rung_ns;
static atomic_int heard;
static uint64_t took_ns[kWakes];

static void* sleeper(void* unused) {
  (void)unused;
  peer_pin(cpus[1]);
  for (int wake = 0; wake < kWakes; ++wake) {
    uint64_t count = 0;
    if (read(bell, &count, sizeof(count)) != sizeof(count)) peer_die("read");
    took_ns[wake] = peer_now_ns() - atomic_load_explicit(&rung_ns, memory_order_acquire);
    atomic_store_explicit(&heard, wake + 1, memory_order_release);
  }
  return NULL;
}

static int by_value(const void* left, const void* right) {
  const uint64_t a = *(const uint64_t*)left, b = *(const uint64_t*)right;
  return (a > b) - (a < b);
}

int main(int argc, char** argv) {
  for (int index = 1; index < argc && index <= 2; ++index) {
    cpus[index - 1] = (int)peer_number(argv[0], argv[index], 0, 1023);
  }
  bell = eventfd(0, EFD_CLOEXEC);
  if (bell < 0) peer_die("eventfd");
  pthread_t thread;
  if (pthread_create(&thread, NULL, sleeper, NULL) != 0) peer_die("thread");
  peer_pin(cpus[0]);
  const struct timespec pause = {.tv_sec = 0, .tv_nsec = kPauseNs};
  for (int wake = 0; wake < kWakes; ++wake) {
    do {
      (void)nanosleep(&pause, NULL);
    } while (atomic_load_explicit(&heard, memory_order_acquire) != wake);
    const uint64_t one = 1;
    atomic_store_explicit(&rung_ns, peer_now_ns(), memory_order_release);
    if (write(bell, &one, sizeof(one)) != sizeof(one)) peer_die("write");
  }
  pthread_join(thread, NULL);
  qsort(took_ns, kWakes, sizeof(took_ns[0]), by_value);
  printf("{\"bench\":\"wake\",\"wakes\":%d,\"p50_us\":%.2f,\"p99_us\":%.2f}\n", (int)kWakes,
         (double)took_ns[kWakes / 2] / 1e3, (double)took_ns[kWakes * 99 / 100] / 1e3);
  return 0;
}
