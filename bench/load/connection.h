// SPDX-License-Identifier: Apache-2.0
//
// One connection's place in a load run. A place keeps its index for the whole run; the connection
// in it may be replaced (after a poison, or after a failure). It knows where in the pattern it
// sends and expects, so that every byte that comes back can be verified. Owned by the generator's
// thread.

#ifndef TINA_BENCH_LOAD_CONNECTION_H_
#define TINA_BENCH_LOAD_CONNECTION_H_

#include <cstddef>
#include <cstdint>

#include "load/pattern.h"

namespace tina::load {

enum class Phase : uint8_t {
  kEmpty,       // no socket, and none wanted
  kConnecting,  // connect() is under way
  kServing,     // sends requests, verifies answers
  kPoisoned,    // the poison is sent: the server has to close it, without a byte
  kRetrying,    // no socket; connect again at `due_ns`
};

struct Connection {
  int fd = -1;
  Phase phase = Phase::kEmpty;
  /// Chosen to poison each of its connections.
  bool poison_place = false;
  /// The kernel's send buffer is full: continue on EPOLLOUT.
  bool send_blocked = false;
  PatternPosition send_from;
  PatternPosition receive_from;
  /// The how-many-th connection of the run this is.
  uint64_t ordinal = 0;
  uint64_t requests_issued = 0;
  uint64_t requests_answered = 0;
  /// Bytes of the oldest unanswered request that have come back.
  uint64_t answered_bytes = 0;
  /// Bytes of issued requests that the kernel has not taken yet.
  uint64_t unsent_bytes = 0;
  /// The start of the present phase.
  uint64_t since_ns = 0;
  /// kRetrying: when to connect again.
  uint64_t due_ns = 0;
  /// The first of the failed connects since the last one that succeeded, 0 if there is none.
  uint64_t retrying_since_ns = 0;

  [[nodiscard]] uint64_t outstanding() const { return requests_issued - requests_answered; }

  /// Bytes that the kernel has taken and that have not come back.
  [[nodiscard]] uint64_t bytes_in_flight(uint64_t size_bytes) const {
    return outstanding() * size_bytes - answered_bytes - unsent_bytes;
  }
};

}  // namespace tina::load

#endif  // TINA_BENCH_LOAD_CONNECTION_H_
