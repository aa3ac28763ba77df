// SPDX-License-Identifier: Apache-2.0
// The peers of the worlds with real sockets: non-blocking, each with what it still has to send.
// Test's thread.
#pragma once

#include <deque>
#include <vector>

#include "world.h"

namespace tina::parity {

class RealPeers {
 public:
  RealPeers() = default;
  RealPeers(const RealPeers&) = delete;
  RealPeers& operator=(const RealPeers&) = delete;
  ~RealPeers();

  /// Takes, gives and reads what can be without waiting.
  void work();
  /// Descriptors that are open on this side.
  std::int64_t descriptors() const;

  std::uint16_t free_port();
  PeerId connect(std::uint16_t port);
  PeerId listen(std::uint16_t& port);
  std::uint16_t silent_port();
  void send(PeerId peer, std::string_view bytes) { peers_[peer].unsent += bytes; }
  void finish(PeerId peer) { peers_[peer].finishing = true; }
  void close(PeerId peer) { peers_[peer].closing = true; }
  void reset(PeerId peer);
  void hold(PeerId peer, bool held) { peers_[peer].held = held; }
  const Seen& seen(PeerId peer) const { return peers_[peer].seen; }

 private:
  struct Peer {
    int descriptor = -1;
    int listener = -1;
    bool connecting = false, finishing = false, finished = false, closing = false, held = false;
    std::string unsent;
    Seen seen;
  };

  static void end(int& descriptor);
  static void work(Peer& peer);
  static void flush(Peer& peer);
  static void read(Peer& peer);
  static void broken(Peer& peer, int error);

  std::deque<Peer> peers_;
  std::vector<int> kept_;  ///< what makes a port silent
};

}  // namespace tina::parity
