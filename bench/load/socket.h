// SPDX-License-Identifier: Apache-2.0
//
// The system calls around a load run that are not traffic: addresses, non-blocking connects, the
// descriptor limit, the clock and pinning. Tools only, so failures are absl::Status with a sentence
// that a person can act on.

#ifndef TINA_BENCH_LOAD_SOCKET_H_
#define TINA_BENCH_LOAD_SOCKET_H_

#include <netinet/in.h>

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tina::load {

struct Endpoints {
  sockaddr_in target{};
  std::optional<sockaddr_in> source;
};

/// Turns an IPv4 address or a host name, and an optional local address, into socket addresses.
[[nodiscard]] absl::StatusOr<Endpoints> Resolve(const std::string& host, uint16_t port,
                                                const std::string& source);

/// Starts a connect. Returns the descriptor, or minus the error number.
[[nodiscard]] int StartConnect(const Endpoints& endpoints);

/// The error that ended a connect under way, 0 if it succeeded.
[[nodiscard]] int ConnectResult(int fd);

/// The local port of a socket, 0 if it has none.
[[nodiscard]] uint16_t LocalPort(int fd);

/// Raises RLIMIT_NOFILE so that `descriptors` can be open at once, or says what to do.
[[nodiscard]] absl::Status AllowDescriptors(uint64_t descriptors);

/// Pins the calling thread to one CPU.
[[nodiscard]] absl::Status PinTo(int cpu);

/// CLOCK_MONOTONIC in nanoseconds.
[[nodiscard]] uint64_t NowNs();

/// What an error number means, in the C library's words.
[[nodiscard]] std::string ErrorText(int error);

}  // namespace tina::load

#endif  // TINA_BENCH_LOAD_SOCKET_H_
