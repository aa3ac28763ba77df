// SPDX-License-Identifier: Apache-2.0
// The resolver lanes of one shard: numbers them, and hands what they ask to the thread that
// resolves. Invariants: a lane has one query at a time; each query that was started comes back
// through Returns exactly once; a given-up one is asked to come back at once. Shard's thread, but
// for what a Query says of itself.
#pragma once

#include <memory>
#include <vector>

#include "src/returns.h"
#include "tina/operand.h"
#include "tina/table.h"

namespace tina::internal {

class Resolver;

/// The place of one lane: written by its shard before the request is pushed, read by the resolver's
/// thread until it pushes the completion.
struct Query {
  Token token{};
  Returns* back = nullptr;
  ResolveAnswer* answer = nullptr;
  std::int64_t timeout_ns = 0;
  std::uint32_t tries = 0;
  ResolveQuestion question{};
  // The resolver's thread's own.
  static constexpr std::uint32_t kNowhere = ~std::uint32_t{0}, kWaits = kNowhere - 1;
  std::uint32_t seat = kNowhere;  ///< where it is asked, or one of those
  Query* next = nullptr;          ///< among those that wait
  Query* previous = nullptr;
  // The shard's own.
  bool given_up = false;
};

/// Lanes of resolvers that a shard of this role has.
std::uint32_t resolver_lanes(const RoleTable& role);

/// The I/O object that a token is about.
const IoTable& object_of(const TypeTable& type, std::uint8_t record);
/// How long a resolver asks one server that does not answer, ns: each try takes twice as long as
/// the one before.
constexpr std::uint64_t patience_ns(const IoTable& resolver) {
  constexpr std::uint32_t kTriesMax = 16;
  const std::uint32_t tries = resolver.tries < kTriesMax ? resolver.tries : kTriesMax;
  return static_cast<std::uint64_t>(resolver.timeout) * ((std::uint64_t{1} << tries) - 1);
}

class ResolverLanes {
 public:
  /// Makes a place for each resolver lane of a role. Boot.
  void open(const RoleTable& role, Returns& back, Resolver& resolver);

  /// Starts a resolve. What needs no asking ends at once.
  void start(const Operation& operation);
  /// Asks for the end of a resolve; false: the token is none of these lanes'.
  bool cancel(Token token);
  /// Resolves that were started.
  std::uint64_t started() const { return started_; }

 private:
  Query* query_of(Token token) const;

  const RoleTable* role_ = nullptr;
  Returns* back_ = nullptr;
  Resolver* resolver_ = nullptr;
  std::vector<std::uint32_t> first_;  ///< by type
  std::unique_ptr<Query[]> queries_;
  std::uint64_t started_ = 0;
};

}  // namespace tina::internal
