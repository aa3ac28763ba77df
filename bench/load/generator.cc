// SPDX-License-Identifier: Apache-2.0
//
// The course of a load run: open every connection, warm up, measure, drain, close. What happens on
// one connection is in traffic.cc and lifecycle.cc.

#include "load/generator.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tina::load {
namespace {

constexpr double kNsPerSecond = 1e9;

uint64_t ToNs(double seconds) { return static_cast<uint64_t>(seconds * kNsPerSecond); }

}  // namespace

Generator::Generator(const Options& options, LiveSink live_sink,
                     const volatile std::sig_atomic_t& stop)
    : options_(options),
      live_sink_(std::move(live_sink)),
      stop_(stop),
      poison_payload_(pattern_.PoisonPayload(options.size_bytes)) {}

Generator::~Generator() {
  for (const Connection& place : places_) {
    if (place.fd >= 0) close(place.fd);
  }
  if (epoll_ >= 0) close(epoll_);
}

absl::Status Generator::Run() {
  if (const absl::Status status = Prepare(); !status.ok()) return status;
  if (const absl::Status status = OpenAll(); !status.ok()) return status;
  BeginTraffic();
  RunTraffic();
  Drain();
  CloseAll();
  outcome_.interrupted = stop_ != 0;
  return absl::OkStatus();
}

absl::Status Generator::Prepare() {
  constexpr uint64_t kOtherDescriptors = 64;
  absl::StatusOr<Endpoints> endpoints = Resolve(options_.host, options_.port, options_.source);
  if (!endpoints.ok()) return endpoints.status();
  endpoints_ = *endpoints;
  if (absl::Status status = AllowDescriptors(options_.connections + kOtherDescriptors);
      !status.ok()) {
    return status;
  }
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return absl::InternalError(absl::StrCat("epoll: ", ErrorText(errno)));
  const bool open_loop = options_.open_loop_per_s > 0;
  stamps_per_place_ = std::bit_ceil<uint64_t>(open_loop ? kOpenLoopOutstandingMax : options_.depth);
  if (absl::Status status = PrepareEngine(); !status.ok()) return status;
  stamps_.resize(options_.connections * stamps_per_place_);
  receive_buffer_.resize(kReceiveMax);
  places_.resize(options_.connections);
  const bool poisons = options_.poison_per_10000 > 0;
  const uint64_t share = uint64_t{options_.connections} * options_.poison_per_10000 / 10'000;
  const uint64_t poison_places = poisons ? std::max<uint64_t>(share, 1) : 0;
  for (uint64_t index = 0; index < poison_places; ++index) {
    places_[index * options_.connections / poison_places].poison_place = true;
  }
  return absl::OkStatus();
}

absl::Status Generator::PrepareEngine() {
  if (options_.engine == Engine::kEpoll) return absl::OkStatus();
  const uint64_t in_flight_max = stamps_per_place_ * options_.size_bytes;
  if (in_flight_max <= kRingBytesMax) {
    const size_t buffer_bytes = std::min(in_flight_max, kRingBufferMax);
    ring_ = RingIo::Create({options_.connections, buffer_bytes});
  }
  outcome_.used_io_uring = ring_ != nullptr;
  if (ring_ != nullptr || options_.engine == Engine::kAuto) return absl::OkStatus();
  return absl::UnavailableError(
      "io_uring is not available here, or depth x size is above 64 KiB: use --engine=epoll");
}

absl::Status Generator::OpenAll() {
  now_ns_ = start_ns_ = NowNs();
  size_t next = 0;
  uint32_t reached = 0;
  while (serving_ < options_.connections && stop_ == 0) {
    while (next < places_.size() && connecting_ < kConnectingMax && start_error_ == 0) {
      Open(places_[next++]);
    }
    if (start_error_ != 0) break;
    Round();
    if (outcome_.tally.lost() > 0) {
      return absl::UnavailableError(absl::StrCat(options_.host, ":", options_.port,
                                                 " closed a connection before the first request"));
    }
    if (serving_ > reached) {
      reached = serving_;
      start_ns_ = now_ns_;
    }
    if (now_ns_ - start_ns_ > kConnectLimitNs) start_error_ = ETIMEDOUT;
  }
  if (start_error_ == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot connect to ", options_.host, ":",
                                             options_.port, ": ", ErrorText(start_error_)));
}

void Generator::BeginTraffic() {
  traffic_ = true;
  now_ns_ = NowNs();
  start_ns_ = measure_start_ns_ = interval_start_ns_ = now_ns_;
  turn_due_ns_ = now_ns_ + kTurnNs;
  measuring_ = options_.warmup_seconds <= 0;
  outcome_.idle_ns = 0;
  for (Connection& place : places_) {
    if (place.phase == Phase::kServing) Refill(place);
  }
}

void Generator::RunTraffic() {
  while (!Finished()) {
    Round();
    FollowSchedule();
    if (now_ns_ >= turn_due_ns_) Turn();
    if (!measuring_ && now_ns_ - start_ns_ >= ToNs(options_.warmup_seconds)) {
      measuring_ = true;
      measure_start_ns_ = now_ns_;
      outcome_.latency.Reset();
      interval_latency_.Reset();
      outcome_.idle_ns = 0;
    }
  }
  traffic_ = false;
  now_ns_ = NowNs();
  outcome_.measured_ns = now_ns_ - measure_start_ns_;
  EndInterval();
}

bool Generator::Finished() const {
  if (stop_ != 0 || outcome_.gave_up) return true;
  if (serving_ + connecting_ + poisoned_ + retrying_ == 0) return true;  // nobody left
  const bool all_issued = options_.requests > 0 && requests_issued_ >= options_.requests;
  if (all_issued && requests_outstanding_ == 0) return true;
  if (options_.seconds > 0) {
    return measuring_ && now_ns_ - measure_start_ns_ >= ToNs(options_.seconds);
  }
  const bool bounded_by_poison = options_.requests == 0 && options_.poison_connections > 0;
  return bounded_by_poison && poisoned_ == 0 &&
         outcome_.tally.poison_sent >= options_.poison_connections;
}

void Generator::Drain() {
  const uint64_t limit_ns = NowNs() + kDrainLimitNs;
  while ((requests_outstanding_ > 0 || poisoned_ > 0) && now_ns_ < limit_ns) {
    Round();
    if (now_ns_ >= turn_due_ns_) Turn();
    now_ns_ = NowNs();
  }
}

void Generator::CloseAll() {
  for (Connection& place : places_) {
    if (place.phase == Phase::kServing && place.outstanding() > 0) {
      Lose(place, Loss::kUnanswered,
           absl::StrCat(place.outstanding(), " requests without an answer at the end"));
    } else if (place.phase == Phase::kPoisoned) {
      Lose(place, Loss::kPoisonNotClosed, "poisoned, and still open at the end");
    } else if (place.fd >= 0) {
      if (place.phase == Phase::kServing) ++outcome_.tally.connections_closed_by_us;
      Vacate(place);
    }
  }
}

/// Waits for events and serves them. With a ring, epoll only knows connects that are under way.
void Generator::Round() {
  if (ring_ == nullptr) return EpollRound();
  RingRound();
  if (connecting_ > 0) EpollRound();
}

void Generator::RingRound() {
  RingPatience patience;  // none: the schedule or a connect wants attention too
  if (options_.open_loop_per_s <= 0 && connecting_ == 0) {
    patience = {options_.spin_us * 1000ULL, kTurnNs};
  }
  outcome_.idle_ns += ring_->Wait(patience);
  now_ns_ = NowNs();
  for (const RingArrival& arrival : ring_->Collect()) ServeArrival(arrival);
}

/// While spinning it polls; `now_ns_` is fresh afterwards only as far as something happened, which
/// is all that time limits need.
void Generator::EpollRound() {
  constexpr int kSleepMs = static_cast<int>(kTurnNs / 1'000'000);
  std::array<epoll_event, kEventsMax> events;
  const uint64_t before_ns = NowNs();
  const bool spin = ring_ != nullptr || options_.open_loop_per_s > 0 ||
                    before_ns - busy_until_ns_ < options_.spin_us * 1000ULL;
  const int count = epoll_wait(epoll_, events.data(), kEventsMax, spin ? 0 : kSleepMs);
  now_ns_ = NowNs();
  if (count <= 0 || !spin) outcome_.idle_ns += now_ns_ - before_ns;
  for (int index = 0; index < count; ++index) {
    const epoll_event& event = events[static_cast<size_t>(index)];
    Connection& connection = places_[event.data.u32];
    if (connection.phase == Phase::kConnecting) {
      FinishConnect(connection);
      // An edge comes once: what the server did right after accepting is in these same events.
      if (ring_ != nullptr || (event.events & ~uint32_t{EPOLLOUT}) == 0) continue;
    }
    Serve(connection, event.events);
  }
  if (count > 0) busy_until_ns_ = now_ns_;
}

/// The slow things, a hundred times a second: time limits, retries, the live interval.
void Generator::Turn() {
  turn_due_ns_ = now_ns_ + kTurnNs;
  if (retrying_ + poisoned_ + connecting_ > 0) {
    for (Connection& place : places_) Watch(place);
  }
  const uint64_t losses_max = 1000 + 10ULL * options_.connections;
  if (outcome_.tally.lost() > losses_max) outcome_.gave_up = true;
  const uint64_t interval_ns = options_.live_interval_ms * 1'000'000ULL;
  if (traffic_ && options_.live && now_ns_ - interval_start_ns_ >= interval_ns) EndInterval();
}

void Generator::EndInterval() {
  outcome_.latency.Merge(interval_latency_);
  if (options_.live && live_sink_) {
    LiveSample sample;
    sample.seconds_since_start = static_cast<double>(now_ns_ - start_ns_) / kNsPerSecond;
    sample.interval_s = static_cast<double>(now_ns_ - interval_start_ns_) / kNsPerSecond;
    sample.latency = &interval_latency_;
    sample.tally = &outcome_.tally;
    sample.connections_serving = serving_;
    live_sink_(sample);
  }
  interval_latency_.Reset();
  interval_start_ns_ = now_ns_;
}

}  // namespace tina::load
