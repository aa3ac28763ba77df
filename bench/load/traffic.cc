// SPDX-License-Identifier: Apache-2.0
//
// Requests and answers on one connection: issue, send, receive, verify, record. This is the path
// whose cost decides how fast a server can be measured; nothing here allocates.

#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "load/generator.h"

namespace tina::load {

void Generator::Serve(Connection& connection, uint32_t events) {
  if (connection.fd < 0) return;
  if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) Receive(connection, events);
  if (connection.send_blocked && (events & EPOLLOUT) != 0) Flush(connection);
}

/// Reads until the socket is empty. A receive that returns less than was asked for has emptied it,
/// and whatever arrives later raises a new edge; only a hang-up needs reading to the very end.
void Generator::Receive(Connection& connection, uint32_t events) {
  const bool hung_up = (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
  while (true) {
    const ssize_t got = recv(connection.fd, receive_buffer_.data(), kReceiveMax, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return Refill(connection);
    now_ns_ = NowNs();
    if (got <= 0) return PeerClosed(connection, got < 0 ? errno : 0);
    const auto length = static_cast<size_t>(got);
    if (!Take(connection, {receive_buffer_.data(), length})) return;
    if (length < kReceiveMax && !hung_up) return Refill(connection);
  }
}

/// Verifies received bytes and counts what they complete. False if the connection is gone: whatever
/// does not match ends it.
bool Generator::Take(Connection& connection, std::span<const char> received) {
  if (connection.phase == Phase::kPoisoned) {
    Lose(connection, Loss::kPoisonAnswered,
         absl::StrCat("the poison was answered with ", received.size(), " bytes"));
    return false;
  }
  const uint64_t expected = connection.bytes_in_flight(options_.size_bytes);
  if (received.size() > expected) {
    Lose(connection, Loss::kSurplusBytes,
         absl::StrCat(received.size(), " bytes came where ", expected, " were due"));
    return false;
  }
  const Comparison found = pattern_.Compare(connection.receive_from, received);
  if (found.mismatched_bytes > 0) {
    outcome_.tally.bytes_mismatched += found.mismatched_bytes;
    outcome_.tally.bytes_verified += received.size() - found.mismatched_bytes;
    connection.answered_bytes += received.size();
    Lose(connection, Loss::kMismatch,
         absl::StrCat(found.mismatched_bytes, " of ", received.size(),
                      " bytes differ, first at index ", found.first_mismatch));
    return false;
  }
  Complete(connection, received.size());
  return true;
}

void Generator::Complete(Connection& connection, uint64_t bytes) {
  outcome_.tally.bytes_verified += bytes;
  connection.receive_from = Pattern::Advance(connection.receive_from, bytes);
  connection.answered_bytes += bytes;
  while (connection.answered_bytes >= options_.size_bytes) {
    connection.answered_bytes -= options_.size_bytes;
    const uint64_t stamp_ns = Stamp(connection, connection.requests_answered++);
    // Drained answers are verified, and not measured: the window is over.
    if (traffic_) interval_latency_.Record(now_ns_ > stamp_ns ? now_ns_ - stamp_ns : 0);
    ++outcome_.tally.requests_answered;
    --requests_outstanding_;
  }
}

/// How many more requests this connection may issue now, besides its depth.
uint64_t Generator::IssueLimit(const Connection& connection) const {
  uint64_t limit = UINT64_MAX;
  if (options_.requests > 0) limit = options_.requests - requests_issued_;
  if (connection.poison_place && PoisonDue(connection)) {
    const uint64_t issued = std::min<uint64_t>(connection.requests_issued, options_.poison_after);
    limit = std::min(limit, options_.poison_after - issued);
  }
  return limit;
}

/// Brings a serving connection back to its depth, or poisons it when its turn has come.
void Generator::Refill(Connection& connection) {
  if (!traffic_ || connection.phase != Phase::kServing) return;
  if (connection.poison_place && connection.outstanding() == 0 && PoisonDue(connection) &&
      connection.requests_issued >= options_.poison_after) {
    return SendPoison(connection);
  }
  if (options_.open_loop_per_s > 0) return;
  const uint64_t missing = options_.depth - connection.outstanding();
  const uint64_t requests = std::min(missing, IssueLimit(connection));
  if (requests > 0) Issue(connection, requests, now_ns_);
}

void Generator::Issue(Connection& connection, uint64_t requests, uint64_t stamp_ns) {
  for (uint64_t index = 0; index < requests; ++index) {
    Stamp(connection, connection.requests_issued + index) = stamp_ns;
  }
  connection.requests_issued += requests;
  connection.unsent_bytes += requests * options_.size_bytes;
  requests_issued_ += requests;
  requests_outstanding_ += requests;
  if (!connection.send_blocked) Flush(connection);
}

/// One completion. A receive is armed again whenever the connection lives on.
void Generator::ServeArrival(const RingArrival& arrival) {
  Connection& connection = places_[arrival.token.place];
  const bool stale = static_cast<uint32_t>(connection.ordinal) != arrival.token.ordinal;
  const bool open = connection.phase == Phase::kServing || connection.phase == Phase::kPoisoned;
  if (stale || !open) return;
  now_ns_ = NowNs();
  if (arrival.is_send) return PeerClosed(connection, arrival.result < 0 ? -arrival.result : EPIPE);
  if (arrival.result <= 0) return PeerClosed(connection, -arrival.result);
  if (!Take(connection, ring_->Received(arrival))) return;
  Refill(connection);
  ring_->Receive(connection.fd, TokenOf(connection));
}

/// The kernel takes all of it, now or later; an answer can only come to what was taken.
void Generator::FlushThroughRing(Connection& connection) {
  while (connection.unsent_bytes > 0) {
    const size_t length = std::min<uint64_t>(connection.unsent_bytes, Pattern::kSliceMax);
    ring_->Send(connection.fd, TokenOf(connection), pattern_.Slice(connection.send_from, length));
    connection.unsent_bytes -= length;
    connection.send_from = Pattern::Advance(connection.send_from, length);
    outcome_.tally.bytes_sent += length;
  }
}

void Generator::Flush(Connection& connection) {
  if (ring_ != nullptr) return FlushThroughRing(connection);
  connection.send_blocked = false;
  while (connection.unsent_bytes > 0) {
    const size_t length = std::min<uint64_t>(connection.unsent_bytes, Pattern::kSliceMax);
    const std::span<const char> piece = pattern_.Slice(connection.send_from, length);
    const ssize_t sent = send(connection.fd, piece.data(), piece.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && errno == EAGAIN) {
      connection.send_blocked = true;
      return;
    }
    if (sent < 0) return PeerClosed(connection, errno);
    const auto taken = static_cast<size_t>(sent);
    connection.unsent_bytes -= taken;
    connection.send_from = Pattern::Advance(connection.send_from, taken);
    outcome_.tally.bytes_sent += taken;
  }
}

/// Open loop: issues what is due by now, in turn over the connections that have room. What finds no
/// room stays due, and its latency goes on counting from the scheduled time.
void Generator::FollowSchedule() {
  if (options_.open_loop_per_s <= 0 || !traffic_) return;
  now_ns_ = NowNs();
  const double elapsed_s = static_cast<double>(now_ns_ - start_ns_) / 1e9;
  const auto due = static_cast<uint64_t>(elapsed_s * options_.open_loop_per_s);
  for (uint64_t burst = 0; scheduled_ < due && burst < kOpenLoopBurstMax; ++burst) {
    size_t tries = 0;
    for (; tries < places_.size(); ++tries) {
      const Connection& place = places_[(next_place_ + tries) % places_.size()];
      if (place.phase == Phase::kServing && place.outstanding() < kOpenLoopOutstandingMax &&
          IssueLimit(place) > 0) {
        break;
      }
    }
    if (tries == places_.size()) return;
    Connection& place = places_[(next_place_ + tries) % places_.size()];
    next_place_ = (next_place_ + tries + 1) % places_.size();
    const double offset_ns = static_cast<double>(scheduled_) * 1e9 / options_.open_loop_per_s;
    ++scheduled_;
    Issue(place, 1, start_ns_ + static_cast<uint64_t>(offset_ns));
  }
}

}  // namespace tina::load
