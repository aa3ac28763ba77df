// SPDX-License-Identifier: Apache-2.0
//
// A connection's opening, poisoning and end. Every end goes through PeerClosed, Lose or CloseAll,
// so that it is counted once: as ours, as a poison that worked, or as a failure with its reason.

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "load/generator.h"

namespace tina::load {

/// Starts a connection in an empty place. The socket is registered once, for both directions, edge
/// triggered, and never touched again.
void Generator::Open(Connection& connection) {
  if (connection.phase == Phase::kRetrying) --retrying_;
  connection.phase = Phase::kEmpty;
  const int fd = StartConnect(endpoints_);
  if (fd < 0) return ConnectFailed(connection, -fd);
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
  event.data.u32 = static_cast<uint32_t>(PlaceOf(connection));
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) != 0) {
    const int error = errno;
    close(fd);
    return ConnectFailed(connection, error);
  }
  connection.fd = fd;
  connection.phase = Phase::kConnecting;
  connection.since_ns = now_ns_;
  ++connecting_;
}

void Generator::FinishConnect(Connection& connection) {
  const int error = ConnectResult(connection.fd);
  if (error != 0) {
    Vacate(connection);
    return ConnectFailed(connection, error);
  }
  --connecting_;
  ++serving_;
  const int fd = connection.fd;
  const bool poison_place = connection.poison_place;
  connection = Connection();
  connection.fd = fd;
  connection.poison_place = poison_place;
  connection.phase = Phase::kServing;
  connection.since_ns = now_ns_;
  connection.ordinal = outcome_.tally.connections_opened++;
  connection.send_from = connection.receive_from = Pattern::PhaseOf(connection.ordinal);
  if (ring_ != nullptr) {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, fd, nullptr);
    ring_->Receive(fd, TokenOf(connection));
  }
  Refill(connection);
}

/// Before the traffic a failed connect ends the run; later it is tried again for a while, since a
/// listener that crashed needs a moment to come back.
void Generator::ConnectFailed(Connection& connection, int error) {
  if (!traffic_) {
    start_error_ = error;
    return;
  }
  if (connection.retrying_since_ns == 0) connection.retrying_since_ns = now_ns_;
  if (now_ns_ - connection.retrying_since_ns > kRetryLimitNs) {
    return Lose(connection, Loss::kConnectFailed, ErrorText(error));
  }
  connection.phase = Phase::kRetrying;
  connection.due_ns = now_ns_ + kRetryNs;
  ++retrying_;
}

bool Generator::PoisonDue(const Connection& connection) const {
  const uint64_t limit = options_.poison_connections;
  return connection.poison_place && (limit == 0 || outcome_.tally.poison_sent < limit);
}

/// Sends the poison on a connection that has no request outstanding.
void Generator::SendPoison(Connection& connection) {
  connection.since_ns = NowNs();
  if (ring_ != nullptr) {
    ring_->Send(connection.fd, TokenOf(connection), poison_payload_);
  } else {
    const ssize_t sent =
        send(connection.fd, poison_payload_.data(), poison_payload_.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(poison_payload_.size())) {
      return PeerClosed(connection, sent < 0 ? errno : EAGAIN);
    }
  }
  ++outcome_.tally.poison_sent;
  connection.phase = Phase::kPoisoned;
  --serving_;
  ++poisoned_;
}

void Generator::PeerClosed(Connection& connection, int error) {
  if (connection.phase == Phase::kPoisoned && (error == 0 || error == ECONNRESET)) {
    ++outcome_.tally.poison_closed;
    outcome_.poison_close.Record(now_ns_ - connection.since_ns);
    Vacate(connection);
    if (traffic_) Open(connection);
    return;
  }
  const bool reset = error == ECONNRESET || error == EPIPE;
  const Loss reason = error == 0 ? Loss::kClosedByPeer
                      : reset    ? Loss::kResetByPeer
                                 : Loss::kSocketError;
  Lose(connection, reason, error == 0 ? "closed by the server" : ErrorText(error));
}

/// Counts a failure, and opens a fresh connection in its place while there is traffic.
void Generator::Lose(Connection& connection, Loss reason, const std::string& detail) {
  Tally& tally = outcome_.tally;
  ++tally.losses[static_cast<size_t>(reason)];
  const uint64_t unanswered = connection.bytes_in_flight(options_.size_bytes);
  tally.bytes_unanswered += unanswered;
  if (tally.failures.size() < kFailureWordsMax) {
    tally.failures.push_back(absl::StrCat(Describe(connection), ": ", detail));
  }
  requests_outstanding_ -= connection.outstanding();
  Vacate(connection);
  if (traffic_ && reason != Loss::kConnectFailed) Open(connection);
}

/// Closes the socket and empties the place.
void Generator::Vacate(Connection& connection) {
  if (connection.phase == Phase::kConnecting) --connecting_;
  if (connection.phase == Phase::kServing) --serving_;
  if (connection.phase == Phase::kPoisoned) --poisoned_;
  // A receive in the ring holds the socket open: end it, or the peer would not see the close.
  if (connection.fd >= 0 && ring_ != nullptr) shutdown(connection.fd, SHUT_RDWR);
  if (connection.fd >= 0) close(connection.fd);
  const bool poison_place = connection.poison_place;
  const uint64_t retrying_since_ns = connection.retrying_since_ns;
  connection = Connection();
  connection.poison_place = poison_place;
  connection.retrying_since_ns = retrying_since_ns;
}

/// Ends what has waited too long.
void Generator::Watch(Connection& connection) {
  const uint64_t waited_ns = now_ns_ > connection.since_ns ? now_ns_ - connection.since_ns : 0;
  switch (connection.phase) {
    case Phase::kPoisoned:
      if (waited_ns > kPoisonLimitNs) {
        Lose(connection, Loss::kPoisonNotClosed, "poisoned, and not closed within 1 s");
      }
      return;
    case Phase::kConnecting:
      if (traffic_ && waited_ns > kConnectLimitNs) {
        Vacate(connection);
        ConnectFailed(connection, ETIMEDOUT);
      }
      return;
    case Phase::kRetrying:
      if (traffic_ && now_ns_ >= connection.due_ns) Open(connection);
      return;
    case Phase::kEmpty:
    case Phase::kServing:
      return;
  }
}

std::string Generator::Describe(const Connection& connection) const {
  if (connection.fd < 0) return absl::StrCat("place ", PlaceOf(connection));
  return absl::StrCat("connection ", connection.ordinal, " (local port ", LocalPort(connection.fd),
                      ", ", connection.requests_answered, " answered)");
}

}  // namespace tina::load
