// SPDX-License-Identifier: Apache-2.0
//
// Floor probe: the timers of a hierarchical 64-way wheel that cascades exactly, and nothing else. A
// hundred thousand timers, each in a 64-byte record with its owner's word; `arm` cancels and arms
// them again in shuffled order, `fire` lets them all fire and arms each again when it does, as fast
// as the wheel goes. No isolates, no messages, no bounded steps: what a runtime adds to this is its
// own cost. Prints one JSON line. Arguments: arm | fire, and CPU (0).

#include "peer.h"

enum { kTimers = 100000, kLevels = 6, kBuckets = 64, kNil = kTimers + kLevels * kBuckets };
enum { kRounds = 11, kRepeats = 20 };

struct timer {
  uint32_t next, previous;
  uint64_t expires;
  uint64_t fired;
};

// Behind the timers lie the heads of the buckets' circular lists.
static struct timer timers[kTimers + kLevels * kBuckets];
static uint64_t filled[kLevels];
static uint64_t now;
static uint64_t fires;
static uint64_t randoms = 1;

static inline uint32_t draw(uint32_t bound) {
  randoms = randoms * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)((randoms >> 32) * bound >> 32);
}

static inline void put(uint32_t index) {
  const uint64_t apart = timers[index].expires ^ now;
  const unsigned level = apart < 64 ? 0 : (unsigned)(63 - __builtin_clzll(apart)) / 6;
  const uint32_t bucket = (uint32_t)(timers[index].expires >> (6 * level)) & 63;
  const uint32_t head = kTimers + level * kBuckets + bucket;
  const uint32_t last = timers[head].previous;
  timers[index].next = head;
  timers[index].previous = last;
  timers[last].next = index;
  timers[head].previous = index;
  filled[level] |= (uint64_t)1 << bucket;
}

static inline void take(uint32_t index) {
  timers[timers[index].previous].next = timers[index].next;
  timers[timers[index].next].previous = timers[index].previous;
}

static void cascade(unsigned level) {
  const uint32_t bucket = (uint32_t)(now >> (6 * level)) & 63;
  const uint32_t head = kTimers + level * kBuckets + bucket;
  if (bucket == 0 && level + 1 < kLevels) cascade(level + 1);
  uint32_t index = timers[head].next;
  timers[head].next = timers[head].previous = head;
  filled[level] &= ~((uint64_t)1 << bucket);
  while (index != head) {
    const uint32_t next = timers[index].next;
    __builtin_prefetch(&timers[next], 1);
    put(index);
    index = next;
  }
}

static void __attribute__((noinline)) fire_tick(uint32_t least, uint32_t spread) {
  ++now;
  if ((now & 63) == 0) cascade(1);
  const uint32_t head = kTimers + (uint32_t)(now & 63);
  uint32_t index = timers[head].next;
  timers[head].next = timers[head].previous = head;
  while (index != head) {
    const uint32_t next = timers[index].next;
    __builtin_prefetch(&timers[next], 1);
    ++timers[index].fired;
    ++fires;
    timers[index].expires = now + least + draw(spread);
    put(index);
    index = next;
  }
}

static int by_value(const void* left, const void* right) {
  const double a = *(const double*)left, b = *(const double*)right;
  return (a > b) - (a < b);
}

int main(int argc, char** argv) {
  const char* name = argc > 1 ? argv[1] : "arm";
  peer_pin(argc > 2 ? (int)peer_number(argv[0], argv[2], 0, 1023) : 0);
  const int arm = strcmp(name, "arm") == 0;
  if (!arm && strcmp(name, "fire") != 0) {
    fprintf(stderr, "usage: %s arm|fire [CPU]\n", argv[0]);
    return 2;
  }
  static uint32_t order[kTimers];
  for (uint32_t index = 0; index < kTimers; ++index) order[index] = index;
  for (uint32_t index = kTimers - 1; index > 0; --index) {
    const uint32_t other = draw(index + 1), kept = order[index];
    order[index] = order[other];
    order[other] = kept;
  }
  for (uint32_t head = kTimers; head < kNil; ++head)
    timers[head].next = timers[head].previous = head;
  for (uint32_t index = 0; index < kTimers; ++index) {
    timers[index].expires = arm ? 60000 + draw(64000) : 1 + draw(4);
    put(index);
  }
  double ns[kRounds];
  for (int round = -1; round < kRounds; ++round) {  // the first round only warms up
    const uint64_t start = peer_now_ns(), fired = fires;
    uint64_t operations = 0;
    for (int repeat = 0; repeat < kRepeats; ++repeat) {
      for (uint32_t index = 0; arm && index < kTimers; ++index) {
        const uint32_t timer = order[index];
        take(timer);
        timers[timer].expires = now + 60000 + draw(64000);
        put(timer);
        ++operations;
      }
      for (uint32_t tick = 0; !arm && tick < 16; ++tick) fire_tick(1, 4);
    }
    operations += fires - fired;
    if (round >= 0) ns[round] = (double)(peer_now_ns() - start) / (double)operations;
  }
  qsort(ns, kRounds, sizeof(ns[0]), by_value);
  printf("{\"benchmark\":\"timer_%s\",\"ns\":%.3f,\"min\":%.3f,\"timers\":%d}\n", name,
         ns[kRounds / 2], ns[0], kTimers);
  return 0;
}
