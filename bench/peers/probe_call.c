// SPDX-License-Identifier: Apache-2.0
//
// Floor probe: a call and its reply between two isolates of one shard, and nothing else. The
// request goes through an array queue as in probe_queue; the caller's record of the call holds its
// number and its time limit, which is linked into a wheel slot and taken out when the reply comes;
// the reply goes back through a queue of its own that has a place for it. Each side checks the
// other's sequence. Prints one JSON line. Arguments: pairs (1), and CPU (0).

#include "peer.h"

enum {
  kPairsMax = 1000,
  kCapacity = 1 << 10,  // a power of two, more than can be pending
  kWheel = 256,
  kAhead = 8,
  kRounds = 11,
};
static const uint64_t kCalls = 4000000;

struct link {
  struct link *before, *after;
};

struct request {
  uint32_t slot, generation;
  uint32_t from, from_generation;
  uint64_t correlation, number;
};

struct answer {
  uint32_t slot, generation;
  uint64_t correlation, next;
};

struct caller {
  _Alignas(64) struct link limit;
  uint64_t correlation, number;
  uint32_t generation, outstanding;
};

struct server {
  _Alignas(64) uint64_t expected;
  uint32_t generation, pending;
};

static struct caller callers[kPairsMax];
static struct server servers[kPairsMax];
static struct request requests[kCapacity];
static struct answer answers[kCapacity];
static struct link wheel[kWheel];
static uint64_t request_head, request_tail, answer_head, answer_tail, now, errors;

static inline void arm(struct link* node, struct link* list) {
  node->before = list->before;
  node->after = list;
  list->before->after = node;
  list->before = node;
}

static inline void cancel(struct link* node) {
  node->before->after = node->after;
  node->after->before = node->before;
}

static inline void start_call(uint32_t slot) {
  struct caller* caller = &callers[slot];
  struct server* server = &servers[slot];
  if (server->pending != 0) {
    ++errors;
    return;
  }
  ++server->pending;
  ++caller->outstanding;
  arm(&caller->limit, &wheel[(now + 100) & (kWheel - 1)]);
  requests[request_tail++ & (kCapacity - 1)] = (struct request){
      slot, server->generation, slot, caller->generation, ++caller->correlation, caller->number};
}

static inline void serve(void) {
  __builtin_prefetch(&servers[requests[(request_head + kAhead) & (kCapacity - 1)].slot], 1);
  const struct request request = requests[request_head++ & (kCapacity - 1)];
  struct server* server = &servers[request.slot];
  if (server->generation != request.generation || request.number != server->expected) ++errors;
  --server->pending;
  ++server->expected;
  answers[answer_tail++ & (kCapacity - 1)] =
      (struct answer){request.from, request.from_generation, request.correlation, server->expected};
}

static inline void take_answer(void) {
  __builtin_prefetch(&callers[answers[(answer_head + kAhead) & (kCapacity - 1)].slot], 1);
  const struct answer answer = answers[answer_head++ & (kCapacity - 1)];
  struct caller* caller = &callers[answer.slot];
  if (caller->generation != answer.generation || caller->correlation != answer.correlation ||
      caller->outstanding == 0 || answer.next != caller->number + 1) {
    ++errors;
    return;
  }
  --caller->outstanding;
  cancel(&caller->limit);
  ++caller->number;
  start_call(answer.slot);
}

static void __attribute__((noinline)) make(uint64_t calls) {
  for (uint64_t done = 0; done < calls; ++now) {
    while (request_head != request_tail) serve();
    for (const uint64_t end = answer_tail; answer_head != end; ++done) take_answer();
  }
}

static int by_value(const void* left, const void* right) {
  const double a = *(const double*)left, b = *(const double*)right;
  return (a > b) - (a < b);
}

int main(int argc, char** argv) {
  const uint32_t pairs = argc > 1 ? (uint32_t)peer_number(argv[0], argv[1], 1, kPairsMax) : 1;
  peer_pin(argc > 2 ? (int)peer_number(argv[0], argv[2], 0, 1023) : 0);
  for (int slot = 0; slot < kWheel; ++slot) wheel[slot] = (struct link){&wheel[slot], &wheel[slot]};
  for (uint32_t slot = 0; slot < pairs; ++slot) start_call(slot);
  double ns[kRounds];
  make(kCalls / 10);
  for (int round = 0; round < kRounds; ++round) {
    const uint64_t start = peer_now_ns();
    make(kCalls);
    ns[round] = (double)(peer_now_ns() - start) / (double)kCalls;
  }
  if (errors != 0) {
    fprintf(stderr, "%llu calls went wrong\n", (unsigned long long)errors);
    return 1;
  }
  qsort(ns, kRounds, sizeof(ns[0]), by_value);
  printf("{\"benchmark\":\"call\",\"pairs\":%u,\"ns_per_operation\":%.3f,\"min\":%.3f}\n", pairs,
         ns[kRounds / 2], ns[0]);
  return 0;
}
