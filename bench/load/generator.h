// SPDX-License-Identifier: Apache-2.0
//
// The load generator: one thread, one epoll set, up to some ten thousand TCP connections to an echo
// server. In a closed loop every connection keeps `depth` requests outstanding; in an open loop
// requests follow a fixed schedule and their latency counts from the scheduled time. Every byte
// that comes back is verified against the pattern, and every connection's end is accounted for:
// nothing is lost silently.
//
// Why it is built as it is: the server under test has one CPU and the generator the other, so the
// generator must do less per request than a hand-written server does. Established connections move
// their bytes through an io_uring (ring_io.h) where there is one and the requests are small. On
// epoll, sockets are edge-triggered and registered once, and a receive that returns less than the
// buffer ends the reading without a second call. Either way requests are sent straight from the
// pattern's ring, and verifying is one memcmp.

#ifndef TINA_BENCH_LOAD_GENERATOR_H_
#define TINA_BENCH_LOAD_GENERATOR_H_

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "load/connection.h"
#include "load/histogram.h"
#include "load/options.h"
#include "load/pattern.h"
#include "load/ring_io.h"
#include "load/socket.h"
#include "load/tally.h"

namespace tina::load {

/// One interval of a run, for a live display.
struct LiveSample {
  double seconds_since_start = 0;
  double interval_s = 0;
  const Histogram* latency = nullptr;  // of this interval
  const Tally* tally = nullptr;        // since the start
  uint64_t connections_serving = 0;
};

/// The outcome of a run. Latencies and rates cover the measured window (after the warm-up, until
/// the generator stopped issuing); the tally covers everything.
struct Outcome {
  Tally tally;
  Histogram latency;
  Histogram poison_close;
  uint64_t measured_ns = 0;
  /// Time within the measured window in which the generator had nothing to do.
  uint64_t idle_ns = 0;
  bool interrupted = false;
  bool gave_up = false;
  bool used_io_uring = false;
};

class Generator {
 public:
  using LiveSink = std::function<void(const LiveSample&)>;

  /// `stop` is read once per round of events: set it (from a signal handler) to end the run early.
  Generator(const Options& options, LiveSink live_sink, const volatile std::sig_atomic_t& stop);
  ~Generator();
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  /// Runs to the end. An error status means that the run could not start (a refused connect, a bad
  /// address, too few descriptors); what went wrong later is in the outcome.
  [[nodiscard]] absl::Status Run();

  [[nodiscard]] const Outcome& outcome() const { return outcome_; }

 private:
  static constexpr size_t kReceiveMax = size_t{1} << 18;
  static constexpr int kEventsMax = 512;
  static constexpr uint64_t kTurnNs = 10'000'000;
  static constexpr uint64_t kPoisonLimitNs = 1'000'000'000;
  static constexpr uint64_t kDrainLimitNs = 2'000'000'000;
  static constexpr uint64_t kConnectLimitNs = 5'000'000'000;
  static constexpr uint64_t kRetryNs = 20'000'000;
  static constexpr uint64_t kRetryLimitNs = 5'000'000'000;
  static constexpr uint32_t kConnectingMax = 128;
  static constexpr uint64_t kOpenLoopOutstandingMax = 1024;
  static constexpr uint64_t kOpenLoopBurstMax = 256;
  static constexpr size_t kFailureWordsMax = 8;
  /// More than this in flight per connection goes through epoll: the ring never has a short send.
  static constexpr uint64_t kRingBytesMax = 1 << 16;
  static constexpr uint64_t kRingBufferMax = 1 << 14;

  // generator.cc: the course of a run.
  absl::Status Prepare();
  absl::Status OpenAll();
  void BeginTraffic();
  void RunTraffic();
  void Drain();
  void CloseAll();
  absl::Status PrepareEngine();
  void Round();
  void EpollRound();
  void RingRound();
  void Turn();
  void EndInterval();
  [[nodiscard]] bool Finished() const;

  // traffic.cc: requests and answers on one connection.
  void Serve(Connection& connection, uint32_t events);
  void Receive(Connection& connection, uint32_t events);
  [[nodiscard]] bool Take(Connection& connection, std::span<const char> received);
  void Complete(Connection& connection, uint64_t bytes);
  void Refill(Connection& connection);
  void Issue(Connection& connection, uint64_t requests, uint64_t stamp_ns);
  void Flush(Connection& connection);
  void FlushThroughRing(Connection& connection);
  void ServeArrival(const RingArrival& arrival);
  void FollowSchedule();
  [[nodiscard]] uint64_t IssueLimit(const Connection& connection) const;

  // lifecycle.cc: a connection's opening, poisoning and end.
  void Open(Connection& connection);
  void FinishConnect(Connection& connection);
  void SendPoison(Connection& connection);
  void PeerClosed(Connection& connection, int error);
  void Lose(Connection& connection, Loss reason, const std::string& detail);
  void Vacate(Connection& connection);
  void ConnectFailed(Connection& connection, int error);
  void Watch(Connection& connection);
  [[nodiscard]] bool PoisonDue(const Connection& connection) const;
  [[nodiscard]] std::string Describe(const Connection& connection) const;

  [[nodiscard]] size_t PlaceOf(const Connection& connection) const {
    return static_cast<size_t>(&connection - places_.data());
  }
  [[nodiscard]] RingToken TokenOf(const Connection& connection) const {
    return {static_cast<uint32_t>(PlaceOf(connection)), static_cast<uint32_t>(connection.ordinal)};
  }
  [[nodiscard]] uint64_t& Stamp(const Connection& connection, uint64_t request) {
    return stamps_[PlaceOf(connection) * stamps_per_place_ + (request & (stamps_per_place_ - 1))];
  }

  const Options options_;
  const LiveSink live_sink_;
  const volatile std::sig_atomic_t& stop_;
  const Pattern pattern_;
  const std::vector<char> poison_payload_;
  Endpoints endpoints_;
  int epoll_ = -1;
  std::unique_ptr<RingIo> ring_;  // null: everything goes through epoll
  std::vector<Connection> places_;
  uint64_t stamps_per_place_ = 1;
  std::vector<uint64_t> stamps_;
  std::vector<char> receive_buffer_;

  Outcome outcome_;
  Histogram interval_latency_;
  bool traffic_ = false;  // requests may be issued
  bool measuring_ = false;
  int start_error_ = 0;
  uint64_t now_ns_ = 0;
  uint64_t start_ns_ = 0;
  uint64_t measure_start_ns_ = 0;
  uint64_t interval_start_ns_ = 0;
  uint64_t turn_due_ns_ = 0;
  uint64_t busy_until_ns_ = 0;
  uint64_t requests_issued_ = 0;
  uint64_t requests_outstanding_ = 0;
  uint32_t connecting_ = 0;
  uint32_t serving_ = 0;
  uint32_t poisoned_ = 0;
  uint32_t retrying_ = 0;
  uint64_t scheduled_ = 0;
  size_t next_place_ = 0;
};

}  // namespace tina::load

#endif  // TINA_BENCH_LOAD_GENERATOR_H_
