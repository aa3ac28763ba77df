// SPDX-License-Identifier: Apache-2.0
// Drives the simulated peers of tina/sim.h: owns them, carries their wishes to the network and
// calls them back. Invariant: a peer is called about its present connection only. Simulation's
// thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "sim/network.h"
#include "tina/sim.h"

namespace tina::sim {

class PeerDriver {
 public:
  PeerDriver(Clock& clock, Chooser& chooser, Trace& trace, Network& network, const void* config,
             std::function<void(const std::string&)> failed)
      : clock_(clock),
        chooser_(chooser),
        trace_(trace),
        network_(network),
        config_(config),
        failed_(std::move(failed)) {}

  /// Makes the start event of every peer.
  void start();
  /// Carries out kPeerStart and kPeerTimer.
  void happen(const Event& event);
  void connected(std::uint32_t peer);
  void accepted(std::uint32_t peer, std::uint32_t connection);
  void finished(std::uint32_t peer) { seats_[peer].peer->on_finished(); }
  void bytes(std::uint32_t peer, std::span<const std::byte> bytes);
  void closed(std::uint32_t peer, Closed how);
  void wrote(bool error, std::span<const std::byte> bytes);
  void datagram(std::uint32_t peer, std::uint16_t from, std::span<const std::byte> bytes) {
    seats_[peer].peer->on_datagram(from, bytes);
  }
  void datagram(std::uint32_t peer, const net::UnixAddress& from,
                std::span<const std::byte> bytes) {
    seats_[peer].peer->on_unix_datagram(from, bytes);
  }

  void pipe(std::uint32_t peer, const fs::Path& path, std::span<const std::byte> bytes) {
    seats_[peer].peer->on_pipe(path, bytes);
  }

  std::size_t size() const { return seats_.size(); }
  bool all_done() const { return done_ == seats_.size(); }
  std::uint64_t verified() const { return verified_; }
  std::string unfinished() const;

 private:
  friend class Peer;
  friend class Peers;

  struct Seat {
    std::unique_ptr<Peer> peer;
    std::uint32_t connection = kNoConnection;
    std::uint64_t timer = 0;  ///< serial of the timer that counts
    std::uint64_t notes = 0;
    bool connected = false;
    bool listening = false;
    bool serves = false;   ///< has listened: the run does not wait for it
    bool faulted = false;  ///< of the last connection
    bool done = false;
  };
  Seat& seat(const Peer& peer) { return seats_[peer.number_]; }
  void note(const Peer& peer, std::uint64_t value);

  Clock& clock_;
  Chooser& chooser_;
  Trace& trace_;
  Network& network_;
  const void* config_;
  std::function<void(const std::string&)> failed_;
  std::vector<Seat> seats_;
  std::size_t done_ = 0;
  std::uint64_t verified_ = 0;
};

}  // namespace tina::sim
