// SPDX-License-Identifier: Apache-2.0
//
// The generator's fast path: sends and receives through one io_uring instead of two system calls
// per request. It exists because a generator on epoll costs as much per request as a raw epoll
// server does, and so would itself be the limit when an io_uring server is measured (it was, by a
// fifth). Opening, poisoning and verifying stay where they are; only the moving of bytes differs.
//
// A connection is known by a token: its place and its ordinal. A completion that arrives for a
// connection that was replaced meanwhile carries the old token, and the caller ignores it; each
// place has two receive buffers, used in turn, so that it cannot have written into the new one's.
// Owned by the thread that created it.

#ifndef TINA_BENCH_LOAD_RING_IO_H_
#define TINA_BENCH_LOAD_RING_IO_H_

#include <liburing.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace tina::load {

struct RingToken {
  uint32_t place = 0;  // below 2^16
  uint32_t ordinal = 0;
};

/// A receive that completed, or a send that failed (a send that succeeds reports nothing).
struct RingArrival {
  RingToken token;
  bool is_send = false;
  int result = 0;  // bytes, 0 at the end of the stream, or minus an error number
};

struct RingSizes {
  uint32_t places = 0;
  size_t buffer_bytes = 0;
};

/// How long to wait for completions: poll first, then sleep.
struct RingPatience {
  uint64_t spin_ns = 0;
  uint64_t sleep_ns = 0;
};

class RingIo {
 public:
  static constexpr size_t kArrivalsMax = 512;

  /// Null where the kernel has no io_uring of the wanted kind, or forbids it.
  [[nodiscard]] static std::unique_ptr<RingIo> Create(const RingSizes& sizes);
  ~RingIo();
  RingIo(const RingIo&) = delete;
  RingIo& operator=(const RingIo&) = delete;

  /// Queues one receive. One at a time per token.
  void Receive(int fd, RingToken token);

  /// Queues a send of bytes that stay valid until they have been answered.
  void Send(int fd, RingToken token, std::span<const char> bytes);

  /// Submits what is queued and waits for a completion. Returns the nanoseconds in which there was
  /// nothing to do.
  [[nodiscard]] uint64_t Wait(const RingPatience& patience);

  /// Takes completions, at most kArrivalsMax; the span is valid until the next call.
  [[nodiscard]] std::span<const RingArrival> Collect();

  /// The bytes of a receive that completed, valid until the next Receive on this token.
  [[nodiscard]] std::span<const char> Received(const RingArrival& arrival) const {
    return {BufferOf(arrival.token), static_cast<size_t>(arrival.result)};
  }

 private:
  explicit RingIo(const RingSizes& sizes);

  [[nodiscard]] io_uring_sqe* NextEntry();
  [[nodiscard]] const char* BufferOf(RingToken token) const {
    return buffers_.data() + (size_t{token.place} * 2 + token.ordinal % 2) * buffer_bytes_;
  }

  io_uring ring_{};
  size_t buffer_bytes_;
  std::vector<char> buffers_;
  std::vector<RingArrival> arrivals_;
};

}  // namespace tina::load

#endif  // TINA_BENCH_LOAD_RING_IO_H_
