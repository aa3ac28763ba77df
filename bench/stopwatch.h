// SPDX-License-Identifier: Apache-2.0
// What the message benchmarks share: the time and memory of a run, and how they are told. The time
// comes from the pass, so it is at most one pass off at each end; a run takes a second or more.
// Used on the shard's thread, outside of the measured part.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tina/context.h"

namespace bench {

/// The most memory that was ever present, KiB, without an allocation; 0: the kernel does not say.
inline std::uint64_t peak_kib() {
  std::array<char, 4096> text{};
  const int status = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
  if (status < 0) return 0;
  const ssize_t size = ::read(status, text.data(), text.size() - 1);
  ::close(status);
  const char* const line = size > 0 ? std::strstr(text.data(), "VmHWM:") : nullptr;
  return line == nullptr ? 0 : std::strtoull(line + 6, nullptr, 10);
}

/// Tells the result of so many `operations` since `begin`: one line of JSON on stdout for
/// programs, one log line for people. Then asks the process to end.
template <class Context>
void report(Context& ctx, const char* name, std::uint64_t operations, tina::Instant begin) {
  const auto elapsed_ns = static_cast<std::uint64_t>((ctx.now() - begin).count());
  const std::uint64_t picoseconds = elapsed_ns * 1000 / operations;
  ctx.log(tina::Level::kInfo, "bench_result",
          tina::Field{"operations", static_cast<std::int64_t>(operations)},
          tina::Field{"elapsed_ns", static_cast<std::int64_t>(elapsed_ns)},
          tina::Field{"ps_per_operation", static_cast<std::int64_t>(picoseconds)});
  std::array<char, 200> line;
  const int size = std::snprintf(
      line.data(), line.size(),
      "{\"benchmark\": \"%s\", \"operations\": %llu, \"elapsed_ns\": %llu, "
      "\"ns_per_operation\": %.3f, \"peak_kib\": %llu}\n",
      name, static_cast<unsigned long long>(operations),
      static_cast<unsigned long long>(elapsed_ns), static_cast<double>(picoseconds) / 1000,
      static_cast<unsigned long long>(peak_kib()));
  [[maybe_unused]] const auto written =
      ::write(STDOUT_FILENO, line.data(), static_cast<std::size_t>(size));
  // To the process, not to this thread: shard threads block it, the main thread takes it.
  ::kill(::getpid(), SIGTERM);
}

}  // namespace bench
