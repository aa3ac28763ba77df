// SPDX-License-Identifier: Apache-2.0
// The tables through which generated code describes scenarios to the simulator: nodes, faults,
// seeds, and what must be true. Production reads none of it. Invariants: ratios and delays are what
// the spec says, ranges hold both of their bounds, durations are nanoseconds. Immutable `constexpr`
// data.
#pragma once

#include <cstdint>
#include <span>

#include "tina/base.h"

namespace tina::sim {
class View;
}

namespace tina::internal {

/// What can go wrong. The order is that of the faults in the language's reference.
enum class FaultKind : std::uint8_t {
  kIoError,
  kIoDelay,
  kAcceptError,
  kReset,
  kShortRead,
  kShortWrite,
  kCrash,
  kConnectError,
  kResolveError,
  kResolveChange,
  kDatagramLoss,
  kDatagramTwice,
  kDatagramLate,
  kDiskFull,
  kPowerLoss
};

/// One fault: `numerator` of `denominator` chances, or a delay between two bounds.
struct FaultTable {
  FaultKind kind;
  TypeId type{};  ///< whom a crash strikes
  std::uint32_t numerator = 0;
  std::uint32_t denominator = 1;
  std::int64_t low_ns = 0;
  std::int64_t high_ns = 0;
};

/// When a property must hold: in each pass, in some pass of some seed, in some pass of each seed.
enum class Quantifier : std::uint8_t { kAlways, kSometimes, kEventually };

struct PropertyTable {
  const char* name;
  Quantifier quantifier;
  std::int64_t within_ns;  ///< kEventually: since the start of the run
  bool (*holds)(const sim::View&);
};

/// One machine of a scenario and the system that it runs.
struct NodeTable {
  const char* name;
  const char* system;
};

struct ScenarioTable {
  const char* name;
  std::span<const NodeTable> nodes;
  std::span<const FaultTable> faults;
  std::uint64_t first_seed;
  std::uint64_t last_seed;
  std::int64_t time_ns;  ///< of each run, unless its peers are done before
  bool quiescent;        ///< nothing may be under way when the run has ended
  bool no_leak;          ///< nothing may be taken when it has ended
  std::span<const PropertyTable> properties;
};

}  // namespace tina::internal
