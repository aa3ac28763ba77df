// SPDX-License-Identifier: Apache-2.0
//
// The bytes that the load generator sends, and the check of the bytes that come back. One ring of
// pseudo-random bytes is computed at start; a connection sends it round and round from a phase of
// its own. So a lost, doubled, changed or foreign byte differs from what is expected, sending
// copies nothing in user space, and verifying is one memcmp. The letter `P` never occurs: however
// TCP cuts the stream, no piece of it starts with the poison word. Immutable after construction.

#ifndef TINA_BENCH_LOAD_PATTERN_H_
#define TINA_BENCH_LOAD_PATTERN_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tina::load {

/// A payload that starts with these bytes asks the server under test to crash that connection.
inline constexpr std::string_view kPoisonWord = "POISON";

/// A position in the pattern, always below Pattern::kPeriod.
struct PatternPosition {
  uint32_t value = 0;
};

/// What one comparison found. `first_mismatch` is an index into the compared bytes, and is
/// meaningful only if `mismatched_bytes` is not zero.
struct Comparison {
  size_t mismatched_bytes = 0;
  size_t first_mismatch = 0;
};

class Pattern {
 public:
  /// A prime, so that no request size divides it and phases do not line up.
  static constexpr uint32_t kPeriod = 65521;
  /// The longest piece that Slice gives at once.
  static constexpr size_t kSliceMax = size_t{1} << 16;

  Pattern();

  /// Where the stream of the `ordinal`-th connection starts. Different for any 65521 in a row.
  [[nodiscard]] static PatternPosition PhaseOf(uint64_t ordinal);

  [[nodiscard]] static PatternPosition Advance(PatternPosition from, size_t bytes) {
    return {static_cast<uint32_t>((from.value + bytes) % kPeriod)};
  }

  /// `bytes` (at most kSliceMax) contiguous bytes of the pattern from a position.
  [[nodiscard]] std::span<const char> Slice(PatternPosition from, size_t bytes) const {
    return {ring_.data() + from.value, bytes};
  }

  /// Compares received bytes, any number of them, with the pattern from a position. The cost is one
  /// memcmp per 64 KiB unless something differs; then every differing byte is counted.
  [[nodiscard]] Comparison Compare(PatternPosition from, std::span<const char> received) const;

  /// A payload of max(size, 6) bytes that starts with the poison word.
  [[nodiscard]] std::vector<char> PoisonPayload(size_t size) const;

 private:
  std::vector<char> ring_;
};

}  // namespace tina::load

#endif  // TINA_BENCH_LOAD_PATTERN_H_
