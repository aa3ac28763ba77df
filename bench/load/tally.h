// SPDX-License-Identifier: Apache-2.0
//
// Everything that a load run counts. Each connection that was opened ends in exactly one of these
// counters: closed by us at the end, poisoned and closed by the server as asked, or a failure with
// a reason. A plain value owned by the generator's thread; reports copy it.

#ifndef TINA_BENCH_LOAD_TALLY_H_
#define TINA_BENCH_LOAD_TALLY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace tina::load {

/// Why a connection counts as a failure.
enum class Loss : uint8_t {
  kClosedByPeer,
  kResetByPeer,
  kSocketError,
  kMismatch,
  kSurplusBytes,
  kUnanswered,
  kPoisonAnswered,
  kPoisonNotClosed,
  kConnectFailed,
  kCount,
};

inline constexpr std::array<const char*, static_cast<size_t>(Loss::kCount)> kLossNames = {
    "closed_by_peer", "reset_by_peer",   "socket_error",      "mismatch",       "surplus_bytes",
    "unanswered",     "poison_answered", "poison_not_closed", "connect_failed",
};

struct Tally {
  uint64_t requests_answered = 0;
  uint64_t bytes_verified = 0;
  uint64_t bytes_sent = 0;
  uint64_t bytes_mismatched = 0;
  /// Bytes that were sent on good requests and whose answer never came.
  uint64_t bytes_unanswered = 0;
  uint64_t connections_opened = 0;
  uint64_t connections_closed_by_us = 0;
  uint64_t poison_sent = 0;
  uint64_t poison_closed = 0;
  std::array<uint64_t, static_cast<size_t>(Loss::kCount)> losses{};
  /// The first few failures in words.
  std::vector<std::string> failures;

  [[nodiscard]] uint64_t lost() const {
    uint64_t sum = 0;
    for (const uint64_t count : losses) sum += count;
    return sum;
  }
  [[nodiscard]] uint64_t loss(Loss reason) const { return losses[static_cast<size_t>(reason)]; }
};

}  // namespace tina::load

#endif  // TINA_BENCH_LOAD_TALLY_H_
