// SPDX-License-Identifier: Apache-2.0
//
// Floor probe: passing messages through one contiguous array queue per isolate type, and nothing
// else. An entry is (slot, generation, sequence); a send checks the destination's generation and
// its pending counter, a delivery checks the generation, counts down and touches the isolate's
// state, eight entries ahead prefetched. No supervision, no timers, no I/O: what a runtime adds to
// this is its own cost. Prints one JSON line. Arguments: ping_pong | fan_in | ring | ring_one |
// ring_million | ring_million_shuffled, and CPU (0).

#include <sys/mman.h>

#include "peer.h"

enum {
  kSlots = 10000,
  kMillion = 1000000,
  kSenders = 1000,
  kCapacity = 1 << 15,  // a power of two, more than can be pending
  kMillionCapacity = 1 << 20,
  kPendingMax = 1024,
  kAhead = 8,
  kRounds = 11,
};
static const uint64_t kMessages = 10000000;

struct entry {
  uint32_t slot;
  uint32_t generation;
  uint64_t sequence;
};

struct isolate {
  _Alignas(64) uint64_t received;
  uint64_t expected;
  uint32_t next;  // whom it sends to
};

// What a sender looks at, apart from the state: it stays in the cache where states do not.
struct meta {
  uint32_t generation;
  uint32_t pending;
};

_Alignas(1 << 21) static struct isolate isolates[kMillion + 1];
_Alignas(1 << 21) static struct meta metas[kMillion + 1];
_Alignas(1 << 21) static struct entry queue[kMillionCapacity];
static uint64_t mask = kCapacity - 1;
static uint64_t head, tail;
static uint64_t errors;

static inline void put(uint32_t slot, uint64_t sequence) {
  struct meta* meta = &metas[slot];
  if (meta->pending >= kPendingMax) {
    ++errors;
    return;
  }
  ++meta->pending;
  queue[tail++ & mask] = (struct entry){slot, meta->generation, sequence};
}

static inline struct isolate* take(struct entry* taken) {
  const uint32_t ahead = queue[(head + kAhead) & mask].slot;
  __builtin_prefetch(&isolates[ahead], 1);
  __builtin_prefetch(&metas[ahead], 1);
  *taken = queue[head++ & mask];
  struct meta* meta = &metas[taken->slot];
  if (meta->generation != taken->generation) {
    ++errors;
    return NULL;
  }
  --meta->pending;
  struct isolate* isolate = &isolates[taken->slot];
  ++isolate->received;
  return isolate;
}

// Every delivery is passed on, until so many were delivered.
static void __attribute__((noinline)) pass_on(uint64_t messages) {
  struct entry entry;
  for (uint64_t done = 0; done < messages; ++done) {
    const struct isolate* isolate = take(&entry);
    if (isolate != NULL) put(isolate->next, entry.sequence + 1);
  }
}

// Each sender is told to send once per round; the receiver checks each sender's sequence.
static uint64_t __attribute__((noinline)) fan_in(uint64_t messages) {
  static uint64_t sequences[kSenders];
  struct entry entry;
  struct isolate* target = &isolates[kSenders];
  uint64_t delivered = 0;
  while (delivered < messages) {
    for (uint32_t sender = 0; sender < kSenders; ++sender) {
      put(kSenders, (uint64_t)sender << 40 | isolates[sender].received++);
    }
    while (head != tail) {
      if (take(&entry) == NULL) continue;
      const uint64_t sender = entry.sequence >> 40;
      if ((entry.sequence & 0xffffffffffu) != sequences[sender]++) ++errors;
      target->expected += entry.sequence;
      ++delivered;
    }
  }
  return delivered;
}

static void link_ring(uint32_t slots, int shuffled) {
  static uint32_t order[kMillion];
  for (uint32_t index = 0; index < slots; ++index) order[index] = index;
  uint64_t random = 1;
  for (uint32_t index = slots - 1; shuffled && index > 0; --index) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    const uint32_t other = (uint32_t)((random >> 33) % (index + 1));
    const uint32_t kept = order[index];
    order[index] = order[other];
    order[other] = kept;
  }
  for (uint32_t index = 0; index < slots; ++index) {
    isolates[order[index]].next = order[(index + 1) % slots];
  }
}

static int by_value(const void* left, const void* right) {
  const double a = *(const double*)left, b = *(const double*)right;
  return (a > b) - (a < b);
}

int main(int argc, char** argv) {
  const char* name = argc > 1 ? argv[1] : "ring";
  peer_pin(argc > 2 ? (int)peer_number(argv[0], argv[2], 0, 1023) : 0);
  const int pair = strcmp(name, "ping_pong") == 0, fan = strcmp(name, "fan_in") == 0;
  const int one = strcmp(name, "ring_one") == 0;
  const int million = strncmp(name, "ring_million", 12) == 0;
  const int shuffled = strcmp(name, "ring_million_shuffled") == 0;
  if (!pair && !fan && !one && !million && strcmp(name, "ring") != 0) {
    fprintf(stderr,
            "usage: %s ping_pong|fan_in|ring|ring_one|ring_million|ring_million_shuffled [CPU]\n",
            argv[0]);
    return 2;
  }
  const uint32_t slots = pair ? 2 : million ? kMillion : kSlots;
  if (million) mask = kMillionCapacity - 1;
  // Huge pages, as the arena has: with small ones this is a probe of the page walker.
  (void)madvise(isolates, sizeof(isolates), MADV_HUGEPAGE);
  (void)madvise(metas, sizeof(metas), MADV_HUGEPAGE);
  (void)madvise(queue, sizeof(queue), MADV_HUGEPAGE);
  link_ring(slots, one || shuffled);
  if (!fan) {
    const uint32_t tokens = pair || one ? 1 : slots;
    for (uint32_t slot = 0; slot < tokens; ++slot) put(slot, 0);
  }
  double ns[kRounds];
  uint64_t messages = kMessages;
  for (int round = -1; round < kRounds; ++round) {  // the first round only warms up
    const uint64_t start = peer_now_ns();
    if (fan) {
      messages = fan_in(kMessages);
    } else {
      pass_on(kMessages);
    }
    if (round >= 0) ns[round] = (double)(peer_now_ns() - start) / (double)messages;
  }
  qsort(ns, kRounds, sizeof(ns[0]), by_value);
  printf("{\"benchmark\":\"%s\",\"ns_per_operation\":%.3f,\"min\":%.3f,\"messages\":%llu}\n", name,
         ns[kRounds / 2], ns[0], (unsigned long long)messages);
  return errors != 0;
}
