// SPDX-License-Identifier: Apache-2.0
//
// Gate for two-core runs: does this CPU run at full rate right now, and is it taken away? A chain
// of dependent additions, timed in short slices: the fastest slice gives the clock rate (one
// addition per cycle), slices that took twice as long were disturbed, and a gap of more than 50 us
// was stolen. Prints one JSON line; arguments: CPU (0), milliseconds (200).

#include "peer.h"

enum { kSteps = 2000, kGapNs = 50000 };

static inline uint64_t chain(uint64_t value) {
  for (int step = 0; step < kSteps; ++step) {
    value += 1;
    __asm__ volatile("" : "+r"(value));  // keeps the additions apart, each dependent on the last
  }
  return value;
}

int main(int argc, char** argv) {
  const int cpu = argc > 1 ? (int)peer_number(argv[0], argv[1], 0, 1023) : 0;
  const long length_ms = argc > 2 ? peer_number(argv[0], argv[2], 1, 60000) : 200;
  peer_pin(cpu);
  const uint64_t begin = peer_now_ns();
  const uint64_t end = begin + (uint64_t)length_ms * 1000000u;
  uint64_t value = 0, best = UINT64_MAX, sum = 0, slices = 0, slow = 0, stolen = 0, longest = 0;
  for (uint64_t now = begin; now < end;) {
    value = chain(value);
    const uint64_t after = peer_now_ns();
    const uint64_t took = after - now;
    now = after;
    ++slices;
    sum += took;
    if (took < best) best = took;
    if (took > longest) longest = took;
    if (took > 2 * best) ++slow;
    if (took > kGapNs) stolen += took;
  }
  printf(
      "{\"benchmark\":\"spin\",\"cpu\":%d,\"ghz\":%.3f,\"mean_over_best\":%.3f,"
      "\"slow_share\":%.5f,\"stolen_share\":%.5f,\"longest_us\":%.1f}\n",
      cpu, (double)kSteps / (double)best, (double)sum / (double)slices / (double)best,
      (double)slow / (double)slices, (double)stolen / (double)(end - begin),
      (double)longest / 1000.0);
  return value == 0;
}
