// SPDX-License-Identifier: Apache-2.0
// One direction of a simulated TCP connection: bytes on their way and bytes that have arrived,
// within one bounded buffer, in order, with an end or a reset after them. The pipe moves bytes;
// when, is the network's decision. Invariant: on their way + arrived ≤ capacity. Simulation's
// thread.
#pragma once

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

namespace tina::sim {

/// Bytes in order: appended at the back, taken from the front.
class ByteQueue {
 public:
  std::size_t size() const { return bytes_.size() - taken_; }
  bool empty() const { return size() == 0; }
  std::span<const std::byte> front(std::size_t size_max) const {
    return std::span(bytes_).subspan(taken_, std::min(size(), size_max));
  }
  void append(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
  }
  void take(std::size_t count) {
    taken_ += count;
    if (taken_ < bytes_.size() && taken_ < kCompactAt) return;
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
  void clear() {
    bytes_.clear();
    taken_ = 0;
  }

 private:
  static constexpr std::size_t kCompactAt = 65536;

  std::vector<std::byte> bytes_;
  std::size_t taken_ = 0;
};

enum class Mark : std::uint8_t { kBytes, kEnd, kReset };

struct Segment {
  Mark mark;
  std::vector<std::byte> bytes;
};

struct Pipe {
  ByteQueue arrived;
  std::deque<Segment> flying;
  std::size_t flying_bytes = 0;
  std::size_t capacity = 0;
  std::uint64_t last_arrival_ns = 0;  ///< nothing overtakes
  bool ended = false;                 ///< the writer has sent its end or a reset
  bool end_arrived = false;
  bool reset_arrived = false;
  /// What the reset is for the reader's side, until one of its operations has said so: as in Linux,
  /// the next ones end as after an ordinary end.
  std::int32_t error = 0;

  void reset() {
    reset_arrived = true;
    error = end_arrived ? EPIPE : ECONNRESET;
  }

  std::size_t room() const { return capacity - std::min(capacity, flying_bytes + arrived.size()); }
};

}  // namespace tina::sim
