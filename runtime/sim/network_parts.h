// SPDX-License-Identifier: Apache-2.0
// What the simulated network is made of and what it tells: see network.h. Simulation's thread.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "sim/chooser.h"
#include "sim/name_service.h"
#include "sim/network_pipe.h"
#include "src/os_backend.h"
#include "tina/sim.h"

namespace tina::sim {

/// How often what happens.
struct NetworkFaults {
  Ratio short_read = 4;
  Ratio short_write = 4;
  Ratio reset = 24;          ///< connections that break at a seeded byte
  Ratio accept_error = 100;  ///< accepts that end in EMFILE
  Ratio connect_error = 50;  ///< connects that find no descriptor, nobody, no way or no answer
  Ratio slow_segment = 64;   ///< segments that take up to 2 ms more
  NameFaults names = {};
  Ratio datagram_loss = 32;  ///< datagrams that never arrive
  Ratio datagram_twice = 64;
  Ratio datagram_late = 32;  ///< datagrams that take up to 50 ms more
  Ratio io_error = 0;        ///< operations that end in an error and do nothing
  std::uint64_t delay_low_ns = 0, delay_high_ns = 0;  ///< added to each operation
  /// The n-th byte that travels towards a peer is lost: a planted bug, for tests of the tests. 0:
  /// none.
  std::uint64_t lost_byte = 0;
};

/// What the network tells: to shards, to peers, to whoever judges.
class NetworkUser {
 public:
  virtual ~NetworkUser() = default;
  virtual void completed(unsigned shard, internal::Token token, std::int32_t value) = 0;
  virtual void peer_connected(std::uint32_t peer) = 0;
  /// A peer that listened has got a connection of the system.
  virtual void peer_accepted(std::uint32_t peer, std::uint32_t connection) = 0;
  /// The system has ended its side of a connection that its peer keeps open.
  virtual void peer_finished(std::uint32_t peer) = 0;
  virtual void peer_bytes(std::uint32_t peer, std::span<const std::byte> bytes) = 0;
  virtual void peer_closed(std::uint32_t peer, Closed how) = 0;
  virtual void peer_datagram(std::uint32_t peer, std::uint16_t from,
                             std::span<const std::byte> bytes) {
    static_cast<void>(peer), static_cast<void>(from), static_cast<void>(bytes);
  }
  /// The power is back after it has failed, and the disk with what was on the medium.
  virtual void power_is_back() {}
  /// Bytes of an open file that a stream is to send: how many, or minus an errno.
  virtual std::int32_t read_file(unsigned shard, std::int32_t file, std::uint64_t offset,
                                 std::span<std::byte> to) {
    static_cast<void>(shard), static_cast<void>(file), static_cast<void>(offset);
    static_cast<void>(to);
    return -EBADF;
  }
  /// How long a resolver waits for servers that are silent.
  virtual std::uint64_t resolver_patience_ns(unsigned shard, internal::Token resolve) {
    static_cast<void>(shard), static_cast<void>(resolve);
    return 14'000'000'000;  // by its default settings
  }
  virtual void peer_unix_datagram(std::uint32_t peer, const net::UnixAddress& from,
                                  std::span<const std::byte> bytes) {
    static_cast<void>(peer), static_cast<void>(from), static_cast<void>(bytes);
  }
  /// The system has written into a named pipe that the peer reads.
  virtual void peer_pipe(std::uint32_t peer, const fs::Path& path,
                         std::span<const std::byte> bytes) {
    static_cast<void>(peer), static_cast<void>(path), static_cast<void>(bytes);
  }
  virtual void failed(const std::string& why) = 0;
  /// The system has written to its standard output, or to its standard error.
  virtual void wrote(bool error, std::span<const std::byte> bytes) {
    static_cast<void>(error);
    static_cast<void>(bytes);
  }
};

struct NetworkCounts {
  std::uint64_t connections, refused, resets, accepted, accept_errors, io_errors;
  std::uint64_t short_reads, short_writes, cancels, late_cancels;
  std::uint64_t bytes_to_system, bytes_to_peers;
  std::uint64_t connects, connect_errors;  ///< of the system
  std::uint64_t resolves, resolve_errors;
  std::uint64_t datagrams, datagrams_lost, datagrams_twice;
};

inline constexpr std::uint32_t kNoConnection = ~std::uint32_t{0};
inline constexpr std::uint32_t kNoName = ~std::uint32_t{0};
inline constexpr std::uint32_t kNoPeer = ~std::uint32_t{0};

struct Connection {
  std::uint32_t peer = 0;
  net::Address source;
  std::uint16_t port = 0;
  Pipe to_system;
  Pipe to_peer;
  ByteQueue unsent;             ///< of the peer, not yet in the pipe
  std::uint64_t breaks_at = 0;  ///< bytes moved when the network breaks it; 0: never
  std::uint64_t moved = 0;
  std::int32_t descriptor = -1;
  unsigned requests = 0;
  bool established = false;
  bool finishing = false;    ///< the peer ends its side once all is sent
  bool leaving = false;      ///< the peer has finished, closed or reset
  bool peer_gone = false;    ///< nobody takes bytes on the peer's side
  bool system_gone = false;  ///< the descriptor is closed
  bool held = false;         ///< the peer does not read
  bool end_expected = false;
  bool outgoing = false;               ///< the system has asked for it
  bool kept = false;                   ///< the system's end does not end the peer's side
  bool end_told = false;               ///< the peer knows of the system's end
  std::uint32_t twin = kNoConnection;  ///< the other half, if both ends are the system's
  std::uint32_t name = kNoName;        ///< of a Unix one: where it goes
  bool excused = false;                ///< a fault was injected, or the isolate behind it crashed
};

/// A named pipe: bytes between those who have an end of it open.
struct NamedPipe {
  fs::Path path;
  ByteQueue bytes;
  unsigned readers = 0, writers = 0;  ///< of the system
  std::uint64_t writers_ever = 0;     ///< that have opened it, peers too
  bool peers_write = false;
  std::uint32_t peer = kNoPeer;  ///< who reads it outside
};

}  // namespace tina::sim
