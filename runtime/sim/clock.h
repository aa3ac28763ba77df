// SPDX-License-Identifier: Apache-2.0
// Virtual time and what happens in it: events ordered by (time, sequence), so that two events of
// one instant keep the order in which they were made. The clock jumps from event to event.
// Invariant: time never goes back. Owned by the simulation's thread.
#pragma once

#include <cstdint>
#include <vector>

namespace tina::sim {

enum class EventKind : std::uint8_t {
  kPass,        ///< a shard runs one pass
  kOperation,   ///< the network looks at a started operation
  kCompletion,  ///< an operation's result reaches its shard
  kSegment,     ///< bytes, an end or a reset arrive at the other side
  kConnect,     ///< a connection request arrives at its port
  kConnected,   ///< the answer arrives at who asked
  kPeerStart,
  kPeerTimer,
  kConnectTimeout,  ///< a connect of the system has had no answer
  kOutput,          ///< what the system has written reaches who reads it
  kName,            ///< an answer to a resolve arrives
  kDatagram,        ///< arrives
  kStop,            ///< the simulated SIGTERM of a system without peers
  kDisk,            ///< an operation on a file goes on
  kPower,           ///< fails
};

/// `number` names whom it concerns, `serial` which of its occasions: an outdated one is ignored.
struct Event {
  std::uint64_t time_ns;
  std::uint64_t sequence;
  EventKind kind;
  std::uint8_t part;
  std::uint32_t number;
  std::uint64_t serial;
};

class Clock {
 public:
  /// Virtual time begins at one second, so that "0: none" stays free.
  static constexpr std::uint64_t kStartNs = 1'000'000'000;

  std::uint64_t now_ns() const { return now_ns_; }
  bool idle() const { return events_.empty(); }

  /// Makes an event `delay_ns` from now.
  void in(std::uint64_t delay_ns, EventKind kind, std::uint32_t number, std::uint64_t serial,
          std::uint8_t part = 0);
  /// Goes to the next event and takes it. There must be one.
  Event next();

 private:
  std::uint64_t now_ns_ = kStartNs;
  std::uint64_t sequence_ = 0;
  std::vector<Event> events_;
};

}  // namespace tina::sim
