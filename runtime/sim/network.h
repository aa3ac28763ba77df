// SPDX-License-Identifier: Apache-2.0
// The simulated network: TCP between the system's sockets and the peers outside, or among the
// system's sockets themselves, in memory, byte for byte. Latency, short reads and writes down to
// one byte, bounded buffers, resets, refused connections and late cancels are drawn from the
// chooser. Invariants: every started operation completes exactly once; a descriptor number is never
// used twice, so that a stale one is always noticed; bytes of one direction arrive in order and
// unchanged. Simulation's thread.
#pragma once

#include <array>
#include <cerrno>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/chooser.h"
#include "sim/clock.h"
#include "sim/names.h"
#include "sim/network_pipe.h"
#include "sim/trace.h"
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

class Network {
 public:
  Network(Clock& clock, Chooser& chooser, Trace& trace, NetworkUser& user,
          const NetworkFaults& faults)
      : clock_(clock),
        chooser_(chooser),
        trace_(trace),
        user_(user),
        faults_(faults),
        names_(clock, chooser, trace, user, faults.names) {}

  // The system's side: what a backend does (src/os_backend.h).
  void start(unsigned shard, const internal::Operation& operation);
  void cancel(unsigned shard, internal::Token token);
  void shut(unsigned shard, std::int32_t descriptor);
  void close(unsigned shard, std::int32_t descriptor);
  /// A connection that nobody has used yet is from now on that shard's.
  void take(unsigned shard, std::int32_t descriptor);
  /// Closes one whose message nobody took: what that costs its peer is the spec's bounds' doing, or
  /// an end's, and no fault of a handler.
  void drop(unsigned shard, std::int32_t descriptor);
  std::int32_t move_batch(unsigned shard, const internal::Operation& operation);
  std::int32_t listen(unsigned shard, const internal::OpenRequest& request);
  std::int32_t open_stream(unsigned shard);
  std::int32_t open_signals(unsigned shard, const internal::IoTable& io);
  std::int32_t open_standard(unsigned shard, const internal::IoTable& io);
  std::int32_t open_datagrams(unsigned shard, const internal::OpenRequest& request);

  std::int32_t open_unix(unsigned shard, const internal::OpenRequest& request);

  // The peers' side. A connection is named by the number that `connect` returns.
  std::uint32_t connect(std::uint32_t peer, std::uint16_t port, std::uint32_t address);
  /// The peer takes the next connection of the system to `port`, if the system itself does not
  /// listen there.
  void offer(std::uint32_t peer, std::uint16_t port);
  /// The same at the address of a Unix socket.
  std::uint32_t connect(std::uint32_t peer, const net::UnixAddress& address);
  void offer(std::uint32_t peer, const net::UnixAddress& address);
  void send(std::uint32_t connection, std::span<const std::byte> bytes);
  void finish(std::uint32_t connection);
  void leave(std::uint32_t connection, bool at_once);
  void hold(std::uint32_t connection, bool held);
  /// A signal to the process, a tina::os::Signal.
  void signal(unsigned which);
  /// Bytes for the standard input, and its end.
  void feed(std::span<const std::byte> bytes);
  void end_input();
  /// Who reads what the system writes stops for a while; or leaves for good.
  void hold_output(bool held);
  void leave_output();
  /// The peer gets the datagrams that are sent to a port, unless the system itself takes them.
  void peer_takes_datagrams(std::uint32_t peer, std::uint16_t port);
  void peer_sends_datagram(std::uint32_t peer, std::uint16_t port,
                           std::span<const std::byte> bytes);
  Connection& connection(std::uint32_t number) { return connections_[number]; }

  /// Carries out an event of the network's kinds.
  void happen(const Event& event);
  /// The isolate (type, slot) of a shard has crashed in the instant that is now: the connections
  /// that ended with it are excused.
  void isolate_crashed(unsigned shard, unsigned type, std::uint32_t slot);
  /// Ends of connections are nobody's fault any more: the run's time is over.
  void excuse_all();
  /// Whether connections that come from now on are.
  void excuse_new(bool excused);
  /// From now on the system gets no descriptor beyond so many: EMFILE.
  void limit_descriptors(std::uint64_t most) { descriptors_max_ = most; }
  /// Descriptors that the system holds.
  std::uint64_t open_descriptors() const { return open_descriptors_; }
  std::uint64_t operations_in_flight() const { return lanes_of_token_.size() + names_.in_flight(); }
  /// What the system's resolvers find.
  Names& names() { return names_; }
  const NetworkCounts& counts() const { return counts_; }

 private:
  enum class Fate : std::uint8_t { kAnswered, kNoDescriptor, kRefused, kUnreachable, kSilent };
  enum class LanePhase : std::uint8_t { kIdle, kStarted, kWaiting, kDecided };
  struct Lane {
    internal::Token token{};
    const std::byte* data = nullptr;
    std::uint64_t serial = 0;
    std::uint64_t bytes_hash = 0;
    std::uint32_t size = 0;
    std::int32_t value = 0;
    internal::OpCode op = internal::OpCode::kNone;
    LanePhase phase = LanePhase::kIdle;
    bool fails = false;                           ///< an injected error ends it
    internal::AddressOperand* address = nullptr;  ///< of a connect and an accept
    std::byte* operand = nullptr;
  };
  struct Datagram {
    net::Address from;
    std::vector<std::byte> bytes;
    std::uint16_t port;   ///< where it goes
    std::int32_t sender;  ///< the system's socket; -1: a peer's
  };
  /// Which isolate last used a socket. `known` is false for one that nobody has used yet.
  struct Owner {
    unsigned type = 0;
    std::uint32_t slot = 0;
    bool known = false;
  };
  struct Socket {
    Lane lane[2];  ///< accept or receive; send or finish
    Owner owner;
    unsigned shard = 0;
    bool open = true;
    bool shut = false;
    bool listener = false;
    bool crashed = false;
    Fate fate = Fate::kAnswered;  ///< of its connect
    std::uint32_t connection = kNoConnection;
    std::int32_t accepted_by = -1;
    std::uint64_t ended_ns = 0;  ///< when it was shut or closed
    // Listeners.
    std::uint16_t port = 0;
    bool reuse_port = false;
    std::size_t backlog_max = 0;
    std::deque<std::uint32_t> backlog;
    std::vector<std::uint32_t> dropped;  ///< connections that its end has reset
    // Who hears of signals.
    std::uint8_t declared = 0;  ///< bit per signal
    std::deque<std::uint8_t> signals;
    internal::IoKind kind = internal::IoKind::kTcpStream;  ///< what no connection says
    bool error = false;                                    ///< an output that is the standard error
    std::uint32_t name = kNoName;                          ///< of a Unix one that is bound
    // Of datagrams.
    bool datagrams = false;
    bool has_peer = false;
    std::uint16_t peer_port = 0;
    std::int32_t failure = 0;  ///< what became of an earlier one, until somebody has been told
    std::deque<Datagram> received;
    std::size_t received_bytes = 0;
  };
  /// An address of Unix sockets that somebody has named: who is there.
  struct UnixName {
    std::string text;
    std::int32_t bound = -1;            ///< the system's socket
    std::vector<std::uint32_t> offers;  ///< peers that listen there
  };
  struct LaneName {
    std::int32_t descriptor;
    unsigned lane;
  };

  static constexpr std::int32_t kFirstDescriptor = 3;
  /// What a real one's pipe holds.
  static constexpr std::size_t kSignalsWaiting = 4096;
  /// And that of an output.
  static constexpr std::size_t kOutputRoom = 65536;

  std::uint64_t now() const { return clock_.now_ns(); }
  Socket* socket(unsigned shard, std::int32_t descriptor, const char* what);
  Socket& at(std::int32_t descriptor) {
    return sockets_[static_cast<std::size_t>(descriptor - kFirstDescriptor)];
  }
  const Socket& at(std::int32_t descriptor) const {
    return sockets_[static_cast<std::size_t>(descriptor - kFirstDescriptor)];
  }
  std::int32_t new_socket(unsigned shard);
  bool exhausted() const { return open_descriptors_ >= descriptors_max_; }
  Lane* lane_of(const Event& event, LanePhase wanted);

  std::uint64_t operation_delay_ns(std::int32_t descriptor);
  void attempt(std::int32_t descriptor, unsigned lane);
  void fail_operation(std::int32_t descriptor, unsigned lane);
  void attempt_accept(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_receive(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_await(std::int32_t descriptor, const Socket& on);
  static std::span<const std::byte> bytes_of(const Lane& lane, std::vector<std::byte>& row);
  void attempt_send(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_send_file(std::int32_t descriptor, const Socket& on, Lane& lane);
  void attempt_await_room(std::int32_t descriptor, const Socket& on);
  bool send_fails(std::int32_t descriptor, Connection& connection);
  void attempt_finish(std::int32_t descriptor, Socket& socket);
  void attempt_input(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_output(std::int32_t descriptor, Socket& socket, Lane& lane);
  void retry_all(internal::IoKind kind);
  void drain_output();
  void attempt_signal(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_connect(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_receive_from(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_send_datagram(std::int32_t descriptor, Socket& socket, Lane& lane);
  std::int32_t receive_batch(Socket& socket, const internal::Operation& operation);
  std::int32_t send_batch(Socket& socket, const internal::Operation& operation);
  static Datagram next_datagram(Socket& socket);
  std::int32_t send_datagram(std::int32_t descriptor, Socket& socket, const net::Address* to,
                             std::span<const std::byte> bytes);
  void connect_datagrams(std::int32_t descriptor, Socket& socket, const Lane& lane);
  void end_datagrams(std::int32_t descriptor, Socket& socket);
  void fly_datagram(Datagram datagram);
  void datagram_arrives(std::uint64_t serial);
  std::int32_t choose_datagram_socket(const Datagram& datagram);
  void nobody_took(std::int32_t sender);
  void request_outgoing(std::uint32_t number);
  void accept_by_peer(std::uint32_t number, std::uint16_t port);
  void end_connect(std::uint32_t number, std::int32_t value);
  void established(std::uint32_t number);
  void give_to_twin(std::uint32_t number);
  void lose_twin(std::uint32_t number, Closed how);
  std::uint32_t make_connection(std::uint32_t peer, std::uint16_t port, std::uint32_t address);
  std::uint32_t new_connection(std::uint32_t peer, std::uint16_t port, std::uint32_t address);
  void retry(std::int32_t descriptor, unsigned lane);
  void decide(std::int32_t descriptor, unsigned lane, std::int32_t value);
  std::size_t shorten(Domain domain, std::uint32_t connection, std::size_t size,
                      std::uint64_t& count, Ratio rate);
  void complete(const Event& event);

  void fly(std::uint32_t connection, bool to_system, Mark mark, std::span<const std::byte> bytes);
  void arrive(std::uint32_t connection, bool to_system);
  void arrive_at_system(std::uint32_t number, Connection& connection, const Segment& segment);
  void arrive_at_peer(std::uint32_t number, Connection& connection, const Segment& segment);
  void lose_planted(Segment& segment);
  void count_moved(std::uint32_t number, std::size_t bytes);
  void break_connection(std::uint32_t number);
  void give_to_peer(std::uint32_t number);
  void pump(std::uint32_t number);
  void close_for_peer(std::uint32_t number, Closed how);
  void request(std::uint32_t number);
  std::int32_t choose_listener(std::uint32_t number, std::uint16_t port);
  void end_listener(std::int32_t descriptor, Socket& socket);
  std::uint32_t unix_name(const net::UnixAddress& address);
  std::int32_t bind_unix(unsigned shard, const internal::OpenRequest& request, std::uint32_t name);
  std::int32_t connect_unix(unsigned shard, std::uint32_t name);
  bool far_end_gone(const Connection& connection) const;

  Clock& clock_;
  Chooser& chooser_;
  Trace& trace_;
  NetworkUser& user_;
  NetworkFaults faults_;
  NetworkCounts counts_{};
  Names names_;
  std::deque<Connection> connections_;
  std::deque<Socket> sockets_;
  std::map<std::uint16_t, std::vector<std::int32_t>> listeners_;
  std::map<std::uint16_t, std::vector<std::uint32_t>> offers_;  ///< peers that listen, by port
  std::vector<UnixName> unix_names_;
  std::map<std::uint16_t, std::vector<std::int32_t>> datagram_sockets_;
  std::map<std::uint16_t, std::uint32_t> datagram_peers_;
  std::unordered_map<std::uint64_t, Datagram> flying_;  ///< looked up only, never walked
  std::uint64_t flying_serial_ = 0;
  std::uint16_t next_datagram_port_ = 49'152;
  std::unordered_map<std::uint64_t, LaneName> lanes_of_token_;  ///< looked up only, never walked
  std::vector<std::int32_t> ended_now_;  ///< shut or closed in the instant `ended_now_ns_`
  std::uint64_t ended_now_ns_ = 0;
  bool all_excused_ = false;
  ByteQueue input_;
  bool input_ended_ = false;
  std::array<ByteQueue, 2> written_;  ///< to the standard output and error, not yet read
  bool output_held_ = false;
  bool output_left_ = false;
  std::uint64_t serial_ = 0;
  std::uint64_t open_descriptors_ = 0;
  std::uint64_t descriptors_max_ = ~std::uint64_t{0};
};

}  // namespace tina::sim
