// SPDX-License-Identifier: Apache-2.0
// Routes: the hash of an argument picks one of a role's children, over all of its shards.
// Invariant: a value has one hash, on every machine, in every build and version of tina, so what is
// kept behind a route is found again. Used on the shard's thread, inside a handler.
#pragma once

#include <concepts>
#include <cstdint>
#include <type_traits>

#include "tina/context.h"

namespace tina {

/// What became of one broadcast: to how many children it was sent, by result.
struct [[nodiscard]] BroadcastResult {
  std::uint32_t queued = 0;
  std::uint32_t full = 0;
  std::uint32_t dead = 0;
  std::uint32_t ring_full = 0;
  bool all_queued() const { return full == 0 && dead == 0 && ring_full == 0; }
};

namespace internal {

/// The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
constexpr std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

/// FNV-1a over 64 bits, then mixed: of strings and bytes.
template <class Units>
constexpr std::uint64_t hash_units(const Units& units) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const auto unit : units) {
    hash = (hash ^ static_cast<std::uint8_t>(unit)) * 0x100000001b3;
  }
  return mix(hash);
}

/// The hash by which a route picks. Integers of one value and any width have one hash.
template <class Value>
constexpr std::uint64_t route_hash(const Value& value) {
  if constexpr (std::is_enum_v<Value>) {
    return route_hash(static_cast<std::underlying_type_t<Value>>(value));
  } else if constexpr (std::signed_integral<Value>) {
    return mix(static_cast<std::uint64_t>(std::int64_t{value}));
  } else if constexpr (std::unsigned_integral<Value>) {
    return mix(std::uint64_t{value});
  } else if constexpr (std::same_as<Value, Duration>) {
    return mix(static_cast<std::uint64_t>(value.count()));
  } else if constexpr (std::same_as<Value, Instant>) {
    return mix(value.ns);
  } else if constexpr (requires { value.view(); }) {
    return hash_units(value.view());
  } else {
    return hash_units(value.bytes());
  }
}

/// A child behind a route.
struct Routed {
  ChildAddress address;
  TypeId type{};
  std::uint8_t tag = 0;
  bool found = false;  ///< false: the system has no such route
};

/// The child that `hash` picks, and the tag of member `member` of the protocol there. O(1).
Routed find_route(const ShardCore& core, unsigned route, std::uint64_t hash,
                  unsigned member) noexcept;
/// Child `nth` of all behind a route, from 0; not found behind the last one. O(1).
Routed nth_of_route(const ShardCore& core, unsigned route, std::uint32_t nth,
                    unsigned member) noexcept;

/// Sends to the child that `hash` picks.
template <class Message>
SendResult send_route(ShardCore& core, unsigned route, std::uint64_t hash, unsigned member,
                      const Message& message) noexcept {
  const Routed to = find_route(core, route, hash, member);
  return to.found ? send_child(core, to.type, to.address, to.tag, message) : SendResult::kDead;
}

/// Sends to every child behind the route, shard after shard. O(children).
template <class Message>
BroadcastResult broadcast(ShardCore& core, unsigned route, unsigned member,
                          const Message& message) noexcept {
  BroadcastResult result;
  for (std::uint32_t nth = 0;; ++nth) {
    const Routed to = nth_of_route(core, route, nth, member);
    if (!to.found) return result;
    switch (send_child(core, to.type, to.address, to.tag, message)) {
      case SendResult::kQueued:
        ++result.queued;
        break;
      case SendResult::kFull:
        ++result.full;
        break;
      case SendResult::kDead:
        ++result.dead;
        break;
      case SendResult::kRingFull:
        ++result.ring_full;
        break;
    }
  }
}

}  // namespace internal
}  // namespace tina
