// SPDX-License-Identifier: Apache-2.0
//
// Floor probe: what a life costs at least. `spawn`: a slot is taken from the first-in first-out
// list of free ones, its generation counted up, its record of supervision linked under its parent,
// its init queued, run, and all of it undone, 64 at a time. `crash`: a handler jumps out by
// siglongjmp, its report is written to a ring, and the same life begins anew. Prints one JSON line.
// Arguments: spawn | crash, and CPU (0).

#include <setjmp.h>

#include "peer.h"

enum { kSlots = 1024, kBatch = 64, kReports = 256, kRounds = 11, kCrashers = 256 };
static const uint64_t kLives = 4000000;

struct life {
  _Alignas(64) uint64_t number;
  struct life *before, *after;  // of the same parent
  uint32_t generation, live;
};

struct report {
  _Alignas(64) uint64_t at, number, reason;
  uint32_t slot, generation;
};

static struct life lives[kSlots];
static struct life parent = {.before = &parent, .after = &parent};
static uint32_t free_slots[kSlots], queue[kBatch];
static uint64_t free_head, free_tail, lived, errors;
static struct report reports[kReports];
static uint64_t reported, window[kSlots];
static sigjmp_buf trap;

static inline struct life* begin_life(uint32_t slot, uint64_t number) {
  struct life* life = &lives[slot];
  ++life->generation;
  life->live = 1;
  life->number = number;
  life->before = parent.before;
  life->after = &parent;
  parent.before->after = life;
  parent.before = life;
  return life;
}

static inline void end_life(struct life* life) {
  life->before->after = life->after;
  life->after->before = life->before;
  life->live = 0;
  life->number = 0;
}

static void __attribute__((noinline)) spawn(uint64_t count) {
  for (uint64_t done = 0; done < count; done += kBatch) {
    for (uint64_t index = 0; index < kBatch; ++index) {
      const uint32_t slot = free_slots[free_head++ & (kSlots - 1)];
      begin_life(slot, lived + index);
      queue[index] = slot;
    }
    for (uint64_t index = 0; index < kBatch; ++index) {
      struct life* life = &lives[queue[index]];
      if (life->live == 0 || life->number != lived) ++errors;
      ++lived;
      end_life(life);
      free_slots[free_tail++ & (kSlots - 1)] = queue[index];
    }
  }
}

static void __attribute__((noinline)) handler(void) { siglongjmp(trap, 1); }

static void __attribute__((noinline)) crash(uint64_t count) {
  static volatile uint64_t done;
  done = 0;
  if (sigsetjmp(trap, 0) != 0) {
    const uint32_t slot = (uint32_t)(lived % kCrashers);
    struct life* life = &lives[slot];
    if (life->live == 0) ++errors;
    reports[reported % kReports] =
        (struct report){reported, life->number, 1, slot, life->generation};
    window[reported++ % kSlots] = lived;
    end_life(life);
    begin_life(slot, ++lived);
    ++done;
  }
  if (done < count) handler();
}

static int by_value(const void* left, const void* right) {
  const double a = *(const double*)left, b = *(const double*)right;
  return (a > b) - (a < b);
}

int main(int argc, char** argv) {
  const int crashes = argc > 1 && strcmp(argv[1], "crash") == 0;
  if (argc < 2 || (!crashes && strcmp(argv[1], "spawn") != 0)) {
    fprintf(stderr, "usage: %s spawn|crash [CPU]\n", argv[0]);
    return 2;
  }
  peer_pin(argc > 2 ? (int)peer_number(argv[0], argv[2], 0, 1023) : 0);
  for (uint32_t slot = 0; slot < kSlots; ++slot) free_slots[free_tail++] = slot;
  for (uint32_t slot = 0; crashes && slot < kCrashers; ++slot) begin_life(slot, slot);
  double ns[kRounds];
  (crashes ? crash : spawn)(kLives / 10);
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t start = peer_now_ns();
    (crashes ? crash : spawn)(kLives);
    ns[round] = (double)(peer_now_ns() - start) / (double)kLives;
  }
  if (errors != 0) {
    fprintf(stderr, "%llu lives went wrong\n", (unsigned long long)errors);
    return 1;
  }
  qsort(ns, kRounds, sizeof(ns[0]), by_value);
  printf("{\"benchmark\":\"%s\",\"ns_per_operation\":%.3f,\"min\":%.3f}\n", argv[1],
         ns[kRounds / 2], ns[0]);
  return 0;
}
