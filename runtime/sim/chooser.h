// SPDX-License-Identifier: Apache-2.0
// Every decision that the simulator leaves open is drawn here, and nowhere else. Randomness is
// counter-based: the n-th draw of an entity in a domain depends on (seed, domain, entity, n) alone,
// so a new choice point, or an entity that draws more often, does not shift what the others get.
// Invariant: integers only, the same on every machine. Owned by the simulation's thread.
#pragma once

#include <array>
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
  kResolve,
  kResolveError,
  kResolveChange,
  kDatagramLoss,
  kDatagramTwice,
  kDatagramLate,
  kDiskLatency,
  kDiskError,
  kDiskSize,
  kDiskFull,
  kDiskCancel,
  kDiskLoss,
  kPower,
};

/// The finaliser of splitmix64, a bijection that spreads every input bit over the word. Source:
/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (OOPSLA 2014), constants
/// by Stafford (variant 13).
constexpr std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

inline constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;

/// What a word is in `absorb`. Most words are small, and theirs are known. The constant that comes
/// between two words is in it already: what is added here, no hash waits for.
constexpr std::uint64_t spread(std::uint64_t word);
inline constexpr auto kSmallSpread = [] {
  std::array<std::uint64_t, 256> table{};
  for (std::uint64_t word = 0; word < table.size(); ++word)
    table[word] = mix(word + kGolden) + kGolden;
  return table;
}();
constexpr std::uint64_t spread(std::uint64_t word) {
  return word < kSmallSpread.size() ? kSmallSpread[word] : mix(word + kGolden) + kGolden;
}

/// Absorbs one more word, already spread, into a hash.
constexpr std::uint64_t absorb(std::uint64_t hash, std::uint64_t spread_word) {
  return mix(hash + spread_word);
}
/// Absorbs one more word into a hash.
constexpr std::uint64_t combine(std::uint64_t hash, std::uint64_t word) {
  return absorb(hash, spread(word));
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

  /// What has been drawn about one entity in one domain. Stays where it is as long as the chooser.
  struct Entity {
    std::uint64_t base;  ///< hash of seed, domain and entity
    std::uint64_t drawn = 0;
  };

  /// A number in 0 .. n-1, each about equally likely (off by less than n / 2^32). n is 1 .. 2^32.
  std::uint64_t choose(Domain domain, std::uint64_t entity, std::uint64_t n);
  /// True as often as `ratio` says, on average. Draws nothing if that is never.
  bool chance(Domain domain, std::uint64_t entity, Ratio ratio);
  /// Makes room for an entity's count, so that its draws allocate nothing, and for those who draw
  /// often neither look it up. Changes no draw.
  Entity& prepare(Domain domain, std::uint64_t entity);
  static bool chance(Entity& entity, Ratio ratio) {
    return ratio.numerator != 0 && choose(entity, ratio.denominator) < ratio.numerator;
  }

 private:
  static constexpr std::uint64_t key(Domain domain, std::uint64_t entity) {
    return (static_cast<std::uint64_t>(domain) << 48) ^ entity;
  }
  Entity& look_up(Domain domain, std::uint64_t entity);
  Entity& add(Domain domain, std::uint64_t entity);
  static std::uint64_t choose(Entity& entity, std::uint64_t n) {
    return (combine(entity.base, entity.drawn++) >> 32) * n >> 32;
  }

  std::uint64_t seed_;
  std::unordered_map<std::uint64_t, Entity> entities_;  ///< looked up only, never walked
};

}  // namespace tina::sim
