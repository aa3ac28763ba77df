// SPDX-License-Identifier: Apache-2.0
// Deterministic simulation of a system: the same handlers and the same pass over a simulated clock
// and network, decided by a seed. An application adds the outside world as peers: clients that
// connect, send and check what they get back. Invariant: a peer decides by `choose` and `now`
// alone, so that one seed is one history. Main thread; never at the same time as a real run. Not
// for handlers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "tina/address.h"
#include "tina/base.h"
#include "tina/main.h"
#include "tina/os.h"
#include "tina/path.h"
#include "tina/shard_core.h"
#include "tina/sim_kinds.h"
#include "tina/unix_address.h"

namespace tina::sim {

class PeerDriver;
class Peers;

/// How a peer's connection ended. `kRefused`: nobody listened. `kUnreachable`: no answer.
enum class Closed : std::uint8_t { kEnd, kReset, kRefused, kUnreachable };

/// A simulated client of the system, or a server that the system connects to. It has at most one
/// connection at a time; its callbacks run between the passes of the shards, and it may allocate. A
/// connection that the system ends before its peer has finished, closed or reset it, is a failure
/// of the run unless a fault was injected into it, its isolate crashed, or the peer said
/// `expect_end`.
class Peer {
 public:
  Peer() = default;
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;
  virtual ~Peer() = default;

  /// Its first call, at a seeded moment of the first 10 simulated milliseconds.
  virtual void on_start() {}
  /// It has a connection: one that it asked for, or the one that it listened for.
  virtual void on_connected() {}
  /// The next bytes of the system's stream, in order, in pieces of any size.
  virtual void on_bytes(std::span<const std::byte> bytes) { static_cast<void>(bytes); }
  /// The system has ended its sending side of a connection that was to `keep_open`.
  virtual void on_finished() {}
  /// Called once per connection unless the peer itself closed or reset it.
  virtual void on_closed(Closed how) { static_cast<void>(how); }
  /// A datagram that the system has sent to a port of this peer, from one of the system's.
  virtual void on_datagram(std::uint16_t from, std::span<const std::byte> bytes) {
    static_cast<void>(from), static_cast<void>(bytes);
  }
  /// The same of Unix sockets. `from` is unnamed if its sender has no address.
  virtual void on_unix_datagram(const net::UnixAddress& from, std::span<const std::byte> bytes) {
    static_cast<void>(from), static_cast<void>(bytes);
  }
  /// The next bytes that the system has written into a named pipe that this peer reads.
  virtual void on_pipe(const fs::Path& path, std::span<const std::byte> bytes) {
    static_cast<void>(path), static_cast<void>(bytes);
  }
  virtual void on_timer() {}
  /// The next bytes of the system's standard output, in order, in pieces of any size. Every peer
  /// gets all of them.
  virtual void on_output(std::span<const std::byte> bytes) { static_cast<void>(bytes); }
  /// The same of its standard error, without the runtime's log.
  virtual void on_error_output(std::span<const std::byte> bytes) { static_cast<void>(bytes); }

 protected:
  /// Asks for a connection to `port` from `address` (host order).
  void connect(std::uint16_t port, std::uint32_t address = 0x7f000001);
  /// Takes the next connection that the system makes to `port`, at whatever address. Ports on which
  /// the system itself listens never get here; without anybody the system is refused. The run does
  /// not wait for a peer that has listened to be done.
  void listen(std::uint16_t port);
  /// The same at the address of a Unix socket.
  void connect(const net::UnixAddress& address);
  void listen(const net::UnixAddress& address);
  /// From now on it gets the datagrams that the system sends to `port`.
  void take_datagrams(std::uint16_t port);
  /// Sends a datagram to `port` of the system, from the first port where it takes any, or one of
  /// its own. It may be lost, or arrive late or twice.
  void send_datagram(std::uint16_t port, std::span<const std::byte> bytes);
  /// The same at addresses of Unix sockets, where none is lost: false if nobody takes it, or its
  /// queue is full. It comes from the first address where this peer takes any.
  void take_datagrams(const net::UnixAddress& address);
  bool send_datagram(const net::UnixAddress& address, std::span<const std::byte> bytes);
  /// From now on the system's end of this connection is `on_finished`, and this side goes on until
  /// it finishes; without this the peer closes then.
  void keep_open();
  /// Appends bytes to what the peer sends; they leave as fast as the system reads.
  void send(std::span<const std::byte> bytes);
  void send(std::string_view text);
  /// Ends the sending side once all is sent; goes on receiving.
  void finish();
  /// Ends both sides once all is sent; what still arrives is answered by a reset.
  void close();
  /// Breaks the connection now.
  void reset();
  /// Stops taking bytes (`true`), so that the system's sends run into back-pressure, or goes on.
  void hold(bool held);
  /// Sends the system's process a signal, which reaches every `os.signals` that names it.
  void signal(os::Signal which);
  /// Appends bytes to the system's standard input.
  void feed(std::string_view text);
  /// Ends the standard input, after what was fed.
  void end_input();
  /// Stops to read what the system writes (`true`), so that it runs into back-pressure, or goes on.
  void hold_output(bool held);
  /// Leaves the reading side for good: what the system writes ends in EPIPE.
  void leave_output();
  /// Writes into a named pipe, which is there from then on, after `end_pipe` as a new writer.
  /// False: the system does not read it.
  bool write_pipe(const fs::Path& path, std::string_view text);
  void end_pipe(const fs::Path& path);
  /// Reads a named pipe from now on; `leave_pipe`: does not any more.
  void read_pipe(const fs::Path& path);
  void leave_pipe(const fs::Path& path);
  /// Calls `on_timer` after `delay`; a second call replaces the first.
  void after(Duration delay);
  /// From now on the system may end this connection.
  void expect_end();
  /// From now on the system's resolvers find these addresses under a name; their ports do not
  /// count. Without any the name exists and has none. `forget_name`: it does not exist.
  void name(std::string_view name, std::span<const net::Address> addresses);
  void forget_name(std::string_view name);
  /// Whether the simulator broke this connection, or the isolate behind it crashed.
  bool fault_injected() const;
  bool connected() const;
  Instant now() const;
  /// A seeded number in 0 .. n-1 of this peer's own sequence.
  std::uint64_t choose(std::uint64_t n);
  /// Its number among the peers, from 0.
  std::uint32_t number() const { return number_; }
  /// Adds to the summary's count of bytes that were compared with what they should be.
  void verified(std::uint64_t bytes);
  /// Makes the run fail with this text.
  void fail(std::string_view why);
  /// Has nothing more to do. The run stops the system when every peer has said so.
  void done();

 private:
  friend class PeerDriver;
  friend class Peers;
  template <class Ask>
  void connect_by(Ask&& ask);
  template <class Offer>
  void listen_by(Offer&& offer);

  PeerDriver* driver_ = nullptr;
  std::uint32_t number_ = 0;
};

/// Where an application registers its peers, anew for each run.
class Peers {
 public:
  explicit Peers(PeerDriver& driver) : driver_(&driver) {}

  /// Adds a peer; returns it. The simulator owns it.
  template <class P, class... Arguments>
  P& add(Arguments&&... arguments) {
    auto peer = std::make_unique<P>(std::forward<Arguments>(arguments)...);
    P& added = *peer;
    own(std::move(peer));
    return added;
  }
  /// What the system's resolvers find under a name from the start; see Peer::name.
  void name(std::string_view name, std::vector<net::Address> addresses);
  /// The system's start-time configuration, of the generated type `<package>::Config`.
  template <class Config>
  const Config& config() const {
    return *static_cast<const Config*>(config_of_system());
  }

 private:
  void own(std::unique_ptr<Peer> peer);
  const void* config_of_system() const;

  PeerDriver* driver_;
};

/// The world of a simulated run as a property's predicate sees it, between two passes. A predicate
/// reads states and counts; it changes nothing and keeps no pointer.
class View {
 public:
  View(std::span<const ShardCore* const> shards, Instant now, Instant start)
      : shards_(shards), now_(now), start_(start) {}

  Instant now() const { return now_; }
  /// Simulated time since the run began.
  Duration elapsed() const { return now_ - start_; }
  std::size_t shards() const { return shards_.size(); }
  /// How many isolates of a type are alive, on all shards.
  template <class Isolate>
  std::size_t live() const {
    std::size_t count = 0;
    each<Isolate>([&count](const Isolate&) { ++count; });
    return count;
  }
  /// Calls `visit(const Isolate&)` for each living isolate of a type that has begun: shard by
  /// shard, slot by slot.
  template <class Isolate, class Visit>
  void each(Visit&& visit) const {
    for (const ShardCore* shard : shards_) {
      const internal::TypeBlock& type = shard->types[index(Isolate::kTypeId)];
      for (std::uint32_t slot = 0; slot < type.slots; ++slot) {
        constexpr unsigned kAlive = internal::kLive;
        constexpr unsigned kNotYet = internal::kStarting | internal::kDraining;
        const unsigned flags = type.meta[slot].flags;
        if ((flags & (kAlive | kNotYet)) != kAlive) continue;
        const std::byte* memory = type.states + std::size_t{slot} * type.state_stride;
        visit(*std::launder(reinterpret_cast<const Isolate*>(memory)));
      }
    }
  }
  /// Isolates of a type that have crashed since the start, on all shards.
  template <class Isolate>
  std::uint64_t crashed() const {
    std::uint64_t count = 0;
    for (const ShardCore* shard : shards_) {
      count += shard->types[index(Isolate::kTypeId)].count.crashed;
    }
    return count;
  }

 private:
  std::span<const ShardCore* const> shards_;
  Instant now_;
  Instant start_;
};

/// Runs `system` in simulation: one seed, or those of a scenario, each twice. Compares the two runs
/// event by event and prints a summary with the trace hash. Returns the exit status: 0, or 1 with a
/// line for each property that failed, or 2 if the scenario cannot be run. `kinds`: those of all
/// objects of the system.
int simulate(const internal::SystemTable& system, const void* config,
             const SimulateOptions& options, const Kinds& kinds);

/// The same of any system. Links the simulator of every kind of I/O.
inline int simulate(const internal::SystemTable& system, const void* config,
                    const SimulateOptions& options) {
  constexpr Kinds kKinds = all_kinds();
  return simulate(system, config, options, kKinds);
}

/// The same of `of`, the system that is given: links what simulates its objects, nothing else.
template <const internal::SystemTable& of>
int simulate(const internal::SystemTable& system, const void* config,
             const SimulateOptions& options) {
  constexpr Kinds kKinds = kinds_of(of);
  return simulate(system, config, options, kKinds);
}

}  // namespace tina::sim

/// An application defines this to add its peers; without it the system is simulated alone.
[[gnu::weak]] void tina_simulated_peers(tina::sim::Peers& peers);
