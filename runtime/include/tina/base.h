// SPDX-License-Identifier: Apache-2.0
// The ground that everything stands on: assertions, the identities of a shard and of an isolate
// type, durations and instants. Invariant: nothing here allocates, reads a clock or depends on a
// platform. Any thread may use it.
#pragma once

// std::chrono's durations alone: the calendars and time zones beside them take longer to read than
// all of these headers together, once for each handler file.
#if __has_include(<bits/chrono.h>)
#include <bits/chrono.h>
#else
#include <chrono>
#endif
#include <cstddef>
#include <cstdint>

namespace tina {

/// Bytes in one cache line of the targets that tina supports (x86-64, AArch64).
inline constexpr std::size_t kCacheLine = 64;

/// A span of time in nanoseconds: `duration` in `.tina`. Converts from every std::chrono literal.
using Duration = std::chrono::nanoseconds;

/// A point in time in nanoseconds since an origin of its clock: `instant` in `.tina`.
/// Two instants compare only if they come from the same clock of the same program.
struct Instant {
  std::uint64_t ns = 0;

  friend constexpr bool operator==(Instant, Instant) = default;
  friend constexpr auto operator<=>(Instant, Instant) = default;
  friend constexpr Instant operator+(Instant at, Duration by) {
    return Instant{at.ns + static_cast<std::uint64_t>(by.count())};
  }
  friend constexpr Duration operator-(Instant later, Instant earlier) {
    return Duration(static_cast<std::int64_t>(later.ns - earlier.ns));
  }
};

/// Index of a shard in its system, 0 .. shards-1.
enum class ShardId : std::uint16_t {};
/// Index of an isolate type in its package, in declaration order.
enum class TypeId : std::uint16_t {};

constexpr unsigned index(ShardId id) { return static_cast<unsigned>(id); }
constexpr unsigned index(TypeId id) { return static_cast<unsigned>(id); }

namespace internal {

/// Ends what runs now because `expression` is false: the isolate if a handler runs (level 1), the
/// process otherwise (level 3). Never returns. Any thread.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line) noexcept;

/// The least multiple of `alignment` (a power of two) that is not below `value`.
constexpr std::size_t round_up(std::size_t value, std::size_t alignment) {
  return (value + alignment - 1) & ~(alignment - 1);
}

}  // namespace internal
}  // namespace tina

/// Cheap check of a programmer's error, on in every build. In a handler a failure ends the isolate
/// alone; anywhere else it ends the process with a report.
#define TINA_ASSERT(condition)        \
  ((condition) ? static_cast<void>(0) \
               : ::tina::internal::assertion_failed(#condition, __FILE__, __LINE__))

/// Check of a whole structure: on in debug builds (no NDEBUG) only.
#ifdef NDEBUG
#define TINA_DCHECK(condition) static_cast<void>(0)
#else
#define TINA_DCHECK(condition) TINA_ASSERT(condition)
#endif
