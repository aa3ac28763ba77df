// SPDX-License-Identifier: Apache-2.0
// See peers.h.
#include "sim/peers.h"

namespace tina::sim {
namespace {

constexpr std::uint64_t kStartWithinNs = 10'000'000;

}  // namespace

void PeerDriver::start() {
  for (std::uint32_t i = 0; i < seats_.size(); ++i) {
    clock_.in(chooser_.choose(Domain::kStart, i, kStartWithinNs), EventKind::kPeerStart, i, 0);
  }
}

void PeerDriver::happen(const Event& event) {
  Seat& seat = seats_[event.number];
  if (event.kind == EventKind::kPeerStart) {
    seat.peer->on_start();
  } else if (seat.timer == event.serial && !seat.done) {
    seat.peer->on_timer();
  }
}

void PeerDriver::connected(std::uint32_t peer) {
  seats_[peer].connected = true;
  seats_[peer].peer->on_connected();
}

void PeerDriver::accepted(std::uint32_t peer, std::uint32_t connection) {
  seats_[peer].connection = connection;
  seats_[peer].listening = false;
  seats_[peer].faulted = false;
  connected(peer);
}

void PeerDriver::bytes(std::uint32_t peer, std::span<const std::byte> bytes) {
  seats_[peer].peer->on_bytes(bytes);
}

void PeerDriver::closed(std::uint32_t peer, Closed how) {
  Seat& seat = seats_[peer];
  seat.faulted = network_.connection(seat.connection).excused;
  seat.connection = kNoConnection;
  seat.connected = false;
  seat.peer->on_closed(how);
}

std::string PeerDriver::unfinished() const {
  for (std::size_t i = 0; i < seats_.size(); ++i) {
    if (!seats_[i].done && !seats_[i].serves) {
      return std::to_string(seats_.size() - done_) + " of " + std::to_string(seats_.size()) +
             " peers are not done, the first is peer " + std::to_string(i);
    }
  }
  return "every peer is done";
}

void PeerDriver::note(const Peer& peer, std::uint64_t value) {
  trace_.record(clock_.now_ns(), TraceKind::kPeerNote,
                {peer.number_, seat(peer).notes++, value, 0, 0, 0});
}

template <class Ask>
void Peer::connect_by(Ask&& ask) {
  PeerDriver::Seat& seat = driver_->seat(*this);
  if (seat.connection != kNoConnection || seat.listening) {
    fail("connects while it has a connection or listens");
    return;
  }
  seat.faulted = false;
  seat.connection = ask(driver_->network_);
}

void Peer::connect(std::uint16_t port, std::uint32_t address) {
  connect_by([&](Network& network) { return network.connect(number_, port, address); });
}

void Peer::connect(const net::UnixAddress& address) {
  connect_by([&](Network& network) { return network.connect(number_, address); });
}

template <class Offer>
void Peer::listen_by(Offer&& offer) {
  PeerDriver::Seat& seat = driver_->seat(*this);
  if (seat.connection != kNoConnection || seat.listening) {
    fail("listens while it has a connection or listens already");
    return;
  }
  if (!seat.serves && !seat.done) ++driver_->done_;
  seat.serves = true;
  seat.listening = true;
  offer(driver_->network_);
}

void Peer::listen(std::uint16_t port) {
  listen_by([&](Network& network) { network.offer(number_, port); });
}

void Peer::listen(const net::UnixAddress& address) {
  listen_by([&](Network& network) { network.offer(number_, address); });
}

void Peer::take_datagrams(std::uint16_t port) {
  driver_->network_.peer_takes_datagrams(number_, port);
}

void Peer::send_datagram(std::uint16_t port, std::span<const std::byte> bytes) {
  driver_->network_.peer_sends_datagram(number_, port, bytes);
}

void Peer::take_datagrams(const net::UnixAddress& address) {
  driver_->network_.peer_takes_datagrams(number_, address);
}

bool Peer::send_datagram(const net::UnixAddress& address, std::span<const std::byte> bytes) {
  return driver_->network_.peer_sends_datagram(number_, address, bytes);
}

void Peer::keep_open() {
  const PeerDriver::Seat& seat = driver_->seat(*this);
  if (seat.connection == kNoConnection) return;
  driver_->network_.connection(seat.connection).kept = true;
}

void Peer::send(std::span<const std::byte> bytes) {
  const PeerDriver::Seat& seat = driver_->seat(*this);
  if (seat.connection != kNoConnection) driver_->network_.send(seat.connection, bytes);
}

void Peer::send(std::string_view text) { send(std::as_bytes(std::span(text))); }

void Peer::finish() {
  const PeerDriver::Seat& seat = driver_->seat(*this);
  if (seat.connection != kNoConnection) driver_->network_.finish(seat.connection);
}

void Peer::close() {
  PeerDriver::Seat& seat = driver_->seat(*this);
  if (seat.connection != kNoConnection) driver_->network_.leave(seat.connection, false);
  seat.connection = kNoConnection;
  seat.connected = false;
}

void Peer::reset() {
  PeerDriver::Seat& seat = driver_->seat(*this);
  if (seat.connection != kNoConnection) driver_->network_.leave(seat.connection, true);
  seat.connection = kNoConnection;
  seat.connected = false;
}

void Peer::hold(bool held) {
  const PeerDriver::Seat& seat = driver_->seat(*this);
  if (seat.connection != kNoConnection) driver_->network_.hold(seat.connection, held);
}

void Peer::signal(os::Signal which) { driver_->network_.signal(static_cast<unsigned>(which)); }

void PeerDriver::wrote(bool error, std::span<const std::byte> bytes) {
  for (const Seat& seat : seats_) {
    error ? seat.peer->on_error_output(bytes) : seat.peer->on_output(bytes);
  }
}

void Peer::feed(std::string_view text) { driver_->network_.feed(std::as_bytes(std::span(text))); }

void Peer::end_input() { driver_->network_.end_input(); }

void Peer::hold_output(bool held) { driver_->network_.hold_output(held); }

void Peer::leave_output() { driver_->network_.leave_output(); }

bool Peer::write_pipe(const fs::Path& path, std::string_view text) {
  return driver_->network_.write_pipe(path, std::as_bytes(std::span(text)));
}

void Peer::end_pipe(const fs::Path& path) { driver_->network_.end_pipe(path); }

void Peer::read_pipe(const fs::Path& path) { driver_->network_.read_pipe(number_, path); }

void Peer::leave_pipe(const fs::Path& path) { driver_->network_.read_pipe(kNoPeer, path); }

void Peer::after(Duration delay) {
  PeerDriver::Seat& seat = driver_->seat(*this);
  driver_->clock_.in(static_cast<std::uint64_t>(delay.count()), EventKind::kPeerTimer, number_,
                     ++seat.timer);
}

void Peer::expect_end() {
  const PeerDriver::Seat& seat = driver_->seat(*this);
  if (seat.connection == kNoConnection) return;
  driver_->network_.connection(seat.connection).end_expected = true;
}

void Peer::name(std::string_view name, std::span<const net::Address> addresses) {
  NameService* const names = driver_->network_.names();
  if (names != nullptr) names->set(name, {addresses.begin(), addresses.end()});
}

void Peer::forget_name(std::string_view name) {
  NameService* const names = driver_->network_.names();
  if (names != nullptr) names->forget(name);
}

bool Peer::fault_injected() const {
  const PeerDriver::Seat& seat = driver_->seat(*this);
  return seat.connection == kNoConnection ? seat.faulted
                                          : driver_->network_.connection(seat.connection).excused;
}

bool Peer::connected() const { return driver_->seat(*this).connected; }

Instant Peer::now() const { return Instant{driver_->clock_.now_ns()}; }

std::uint64_t Peer::choose(std::uint64_t n) {
  return driver_->chooser_.choose(Domain::kPeer, number_, n);
}

void Peer::verified(std::uint64_t bytes) { driver_->verified_ += bytes; }

void Peer::fail(std::string_view why) {
  driver_->failed_("peer " + std::to_string(number_) + ": " + std::string(why));
}

void Peer::done() {
  PeerDriver::Seat& seat = driver_->seat(*this);
  if (seat.done) return;
  seat.done = true;
  if (!seat.serves) ++driver_->done_;
  driver_->note(*this, 1);
}

void Peers::own(std::unique_ptr<Peer> peer) {
  peer->driver_ = driver_;
  peer->number_ = static_cast<std::uint32_t>(driver_->seats_.size());
  driver_->seats_.emplace_back().peer = std::move(peer);
}

void Peers::name(std::string_view name, std::vector<net::Address> addresses) {
  NameService* const names = driver_->network_.names();
  if (names != nullptr) names->set(name, std::move(addresses));
}

const void* Peers::config_of_system() const { return driver_->config_; }

}  // namespace tina::sim
