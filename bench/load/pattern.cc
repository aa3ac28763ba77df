// SPDX-License-Identifier: Apache-2.0
//
// The pattern's ring and its comparison: see pattern.h. The ring holds one period and, behind it, a
// repetition of kSliceMax bytes, so that a slice never wraps.

#include "load/pattern.h"

#include <algorithm>
#include <cstring>

namespace tina::load {
namespace {

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators": a full mix per step.
uint64_t SplitMix(uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
  return mixed ^ (mixed >> 31);
}

}  // namespace

Pattern::Pattern() : ring_(kPeriod + kSliceMax) {
  uint64_t state =
      0x7469'6e61;  // "tina": any constant will do, the bytes are the same in every run
  for (size_t index = 0; index < kPeriod; ++index) {
    char byte = kPoisonWord[0];
    while (byte == kPoisonWord[0]) byte = static_cast<char>(SplitMix(state) & 0xff);
    ring_[index] = byte;
  }
  for (size_t index = 0; index < kSliceMax; ++index)
    ring_[kPeriod + index] = ring_[index % kPeriod];
}

PatternPosition Pattern::PhaseOf(uint64_t ordinal) {
  constexpr uint64_t kStride = 40503;  // coprime to the period, far from both of its ends
  return {static_cast<uint32_t>((ordinal % kPeriod) * kStride % kPeriod)};
}

Comparison Pattern::Compare(PatternPosition from, std::span<const char> received) const {
  Comparison found;
  for (size_t done = 0; done < received.size();) {
    const size_t length = std::min(received.size() - done, kSliceMax);
    const std::span<const char> expected = Slice(Advance(from, done), length);
    const std::span<const char> piece = received.subspan(done, length);
    if (std::memcmp(expected.data(), piece.data(), length) != 0) {
      for (size_t index = 0; index < length; ++index) {
        if (expected[index] == piece[index]) continue;
        if (found.mismatched_bytes++ == 0) found.first_mismatch = done + index;
      }
    }
    done += length;
  }
  return found;
}

std::vector<char> Pattern::PoisonPayload(size_t size) const {
  const size_t length = std::max(size, kPoisonWord.size());
  std::vector<char> payload(length);
  for (size_t index = 0; index < length; ++index) payload[index] = ring_[index % kPeriod];
  std::copy(kPoisonWord.begin(), kPoisonWord.end(), payload.begin());
  return payload;
}

}  // namespace tina::load
