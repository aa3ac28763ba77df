// SPDX-License-Identifier: Apache-2.0
// What the benchmarks of time and load share: the real clock, which handlers otherwise never read,
// a random number that is the same in every run, and how a result is told. Shard's thread, outside
// of the measured part.
#pragma once

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdio>

namespace bench {

/// A clock of the system, ns. `ctx.now()` is the pass's time; what happens within a pass needs
/// this.
inline std::uint64_t read_clock(clockid_t clock = CLOCK_MONOTONIC) {
  timespec time{};
  clock_gettime(clock, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000 +
         static_cast<std::uint64_t>(time.tv_nsec);
}

/// The next number of a fixed sequence, below `bound`. Cost: two multiplications.
inline std::uint32_t next_random(std::uint64_t& state, std::uint32_t bound) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return static_cast<std::uint32_t>((state >> 32) * bound >> 32);
}

/// Writes one line of JSON on stdout and asks the process to end.
template <class... Values>
void tell(const char* format, Values... values) {
  std::array<char, 512> line;
  const int size = std::snprintf(line.data(), line.size(), format, values...);  // NOLINT
  [[maybe_unused]] const auto written =
      ::write(STDOUT_FILENO, line.data(), static_cast<std::size_t>(size));
  // To the process, not to this thread: shard threads block it, the main thread takes it.
  ::kill(::getpid(), SIGTERM);
}

}  // namespace bench
