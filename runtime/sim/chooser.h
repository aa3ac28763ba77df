// SPDX-License-Identifier: Apache-2.0
// Every decision that the simulator leaves open is drawn here, and nowhere else. Randomness is
// counter-based: the n-th draw of an entity in a domain depends on (seed, domain, entity, n) alone,
// so a new choice point, or an entity that draws more often, does not shift what the others get.
// Invariant: integers only, the same on every machine. Owned by the simulation's thread.
#pragma once

#include <cstdint>
#include <unordered_map>

namespace tina::sim {

/// What a decision is about. Values are part of the meaning of a seed: append only.
enum class Domain : std::uint16_t {
  kPassCost,
  kCrash,
  kLatency,
  kOperationDelay,
  kReadSize,
  kWriteSize,
  kCapacity,
  kReset,
  kListener,
  kAcceptError,
  kCancel,
  kStart,
  kPeer,
  kIoError,
  kIoDelay,
  kConnectError,
};

/// The finaliser of splitmix64, a bijection that spreads every input bit over the word. Source:
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014), constants
/// by Stafford (variant 13).
constexpr std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

/// Absorbs one more word into a hash.
constexpr std::uint64_t combine(std::uint64_t hash, std::uint64_t word) {
  return mix(hash + 0x9e3779b97f4a7c15 + mix(word + 0x9e3779b97f4a7c15));
}

/// How often something happens among its chances. 0 of 1: never.
struct Ratio {
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;

  constexpr Ratio() = default;
  /// One in so many; 0: never. Not explicit, so that tests and defaults read as they are meant.
  constexpr Ratio(std::uint32_t one_in)
      : numerator(one_in != 0), denominator(one_in == 0 ? 1 : one_in) {}
  constexpr Ratio(std::uint32_t of, std::uint32_t many) : numerator(of), denominator(many) {}
};

class Chooser {
 public:
  explicit Chooser(std::uint64_t seed) : seed_(seed) {}

  /// A number in 0 .. n-1, each about equally likely (off by less than n / 2^32). n is 1 .. 2^32.
  std::uint64_t choose(Domain domain, std::uint64_t entity, std::uint64_t n) {
    return (draw(domain, entity) >> 32) * n >> 32;
  }
  /// True as often as `ratio` says, on average. Draws nothing if that is never.
  bool chance(Domain domain, std::uint64_t entity, Ratio ratio) {
    return ratio.numerator != 0 && choose(domain, entity, ratio.denominator) < ratio.numerator;
  }
  /// Makes room for an entity's count, so that its draws allocate nothing. Changes no draw.
  void prepare(Domain domain, std::uint64_t entity) { drawn_.try_emplace(key(domain, entity), 0); }

 private:
  static constexpr std::uint64_t key(Domain domain, std::uint64_t entity) {
    return (static_cast<std::uint64_t>(domain) << 48) ^ entity;
  }
  std::uint64_t draw(Domain domain, std::uint64_t entity) {
    const std::uint64_t nth = drawn_[key(domain, entity)]++;
    return combine(combine(combine(seed_, static_cast<std::uint64_t>(domain)), entity), nth);
  }

  std::uint64_t seed_;
  std::unordered_map<std::uint64_t, std::uint64_t> drawn_;  ///< looked up only, never walked
};

}  // namespace tina::sim
