// SPDX-License-Identifier: Apache-2.0
// What the message benchmarks share: the time of a run, and how it is told. The time comes from the
// pass, so it is at most one pass off at each end; a run takes a second or more. Used on the
// shard's thread, outside of the measured part.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdio>

#include "tina/context.h"

namespace bench {

/// Tells the result of `messages` deliveries since `begin`: one line of JSON on stdout for
/// programs, one log line for people. Then asks the process to end.
template <class Context>
void report(Context& ctx, const char* name, std::uint64_t messages, tina::Instant begin) {
  const auto elapsed_ns = static_cast<std::uint64_t>((ctx.now() - begin).count());
  const std::uint64_t picoseconds = elapsed_ns * 1000 / messages;
  ctx.log(tina::Level::kInfo, "bench_result",
          tina::Field{"messages", static_cast<std::int64_t>(messages)},
          tina::Field{"elapsed_ns", static_cast<std::int64_t>(elapsed_ns)},
          tina::Field{"ps_per_message", static_cast<std::int64_t>(picoseconds)});
  std::array<char, 160> line;
  const int size = std::snprintf(
      line.data(), line.size(),
      "{\"bench\": \"%s\", \"messages\": %llu, \"elapsed_ns\": %llu, \"ns_per_message\": %.3f}\n",
      name, static_cast<unsigned long long>(messages), static_cast<unsigned long long>(elapsed_ns),
      static_cast<double>(picoseconds) / 1000);
  [[maybe_unused]] const auto written =
      ::write(STDOUT_FILENO, line.data(), static_cast<std::size_t>(size));
  // To the process, not to this thread: shard threads block it, the main thread takes it.
  ::kill(::getpid(), SIGTERM);
}

}  // namespace bench
