// SPDX-License-Identifier: Apache-2.0
//
// Floor probe: messages between two pinned threads through two single-producer single-consumer
// rings of 64-byte slots with cached indices, and nothing else. `trip`: one number goes to and fro,
// each published at once. `stream`: numbers go one way, published 64 at a time, the reader gives
// slots back as often. Every number is checked. Prints one JSON line with the median over batches.
// Arguments: trip | stream, CPU CPU (0 and 1).

#include <pthread.h>
#include <stdatomic.h>

#include "peer.h"

enum { kSlots = 8192, kBatches = 21, kPublish = 64, kTrips = 20000, kItems = 1000000 };

struct slot {
  _Alignas(64) uint64_t sequence;
  uint64_t header[3];  // whom it goes to, as a message has
};

struct ring {
  _Alignas(128) atomic_ullong tail;  // written by the sender
  _Alignas(128) atomic_ullong head;  // written by the reader
  _Alignas(128) uint64_t sent, known_head;
  _Alignas(128) uint64_t taken, known_tail;
  _Alignas(128) struct slot slots[kSlots];
};

static struct ring there, back;
static int cpus[2] = {0, 1};
static int streams;
static atomic_ullong errors;

static inline void put(struct ring* ring, uint64_t sequence) {
  while (ring->sent - ring->known_head == kSlots) {
    ring->known_head = atomic_load_explicit(&ring->head, memory_order_acquire);
  }
  struct slot* slot = &ring->slots[ring->sent++ & (kSlots - 1)];
  slot->sequence = sequence;
  slot->header[0] = sequence;
  slot->header[1] = slot->header[2] = 1;
}

static inline void publish(struct ring* ring) {
  atomic_store_explicit(&ring->tail, ring->sent, memory_order_release);
}

static inline uint64_t take(struct ring* ring) {
  while (ring->taken == ring->known_tail) {
    ring->known_tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
  }
  return ring->slots[ring->taken++ & (kSlots - 1)].sequence;
}

static inline void release(struct ring* ring) {
  atomic_store_explicit(&ring->head, ring->taken, memory_order_release);
}

static void check(uint64_t got, uint64_t wanted) {
  if (got != wanted) atomic_fetch_add(&errors, 1);
}

static void* other_side(void* unused) {
  (void)unused;
  peer_pin(cpus[1]);
  const uint64_t last = (uint64_t)(streams ? kItems : kTrips) * (kBatches + 1);
  for (uint64_t sequence = 0; sequence < last; ++sequence) {
    if (streams) {
      put(&there, sequence);
      if ((sequence + 1) % kPublish == 0) publish(&there);
    } else {
      check(take(&there), sequence);
      release(&there);
      put(&back, sequence);
      publish(&back);
    }
  }
  if (streams) publish(&there);
  return NULL;
}

static void batch_of_trips(uint64_t from) {
  for (uint64_t sequence = from; sequence < from + kTrips; ++sequence) {
    put(&there, sequence);
    publish(&there);
    check(take(&back), sequence);
    release(&back);
  }
}

static void batch_of_items(uint64_t from) {
  for (uint64_t sequence = from; sequence < from + kItems; ++sequence) {
    check(take(&there), sequence);
    if ((sequence + 1) % kPublish == 0) release(&there);
  }
}

static int by_value(const void* left, const void* right) {
  const double a = *(const double*)left, b = *(const double*)right;
  return (a > b) - (a < b);
}

int main(int argc, char** argv) {
  streams = argc > 1 && strcmp(argv[1], "stream") == 0;
  if (argc < 2 || (!streams && strcmp(argv[1], "trip") != 0)) {
    fprintf(stderr, "usage: %s trip|stream [CPU CPU]\n", argv[0]);
    return 2;
  }
  for (int index = 2; index < argc && index <= 3; ++index) {
    cpus[index - 2] = (int)peer_number(argv[0], argv[index], 0, 1023);
  }
  pthread_t thread;
  if (pthread_create(&thread, NULL, other_side, NULL) != 0) peer_die("thread");
  peer_pin(cpus[0]);
  double ns[kBatches];
  const uint64_t size = streams ? kItems : kTrips;
  for (int batch = -1; batch < kBatches; ++batch) {  // the first batch only warms up
    const uint64_t start = peer_now_ns();
    (streams ? batch_of_items : batch_of_trips)((uint64_t)(batch + 1) * size);
    if (batch >= 0) ns[batch] = (double)(peer_now_ns() - start) / (double)size;
  }
  pthread_join(thread, NULL);
  if (atomic_load(&errors) != 0) {
    fprintf(stderr, "messages went wrong\n");
    return 1;
  }
  qsort(ns, kBatches, sizeof(ns[0]), by_value);
  printf("{\"benchmark\":\"cross_%s\",\"ns_per_operation\":%.2f,\"min\":%.2f,\"max\":%.2f}\n",
         argv[1], ns[kBatches / 2], ns[0], ns[kBatches - 1]);
  return 0;
}
