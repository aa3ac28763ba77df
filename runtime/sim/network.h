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
#include "sim/kind.h"
#include "sim/network_parts.h"
#include "sim/trace.h"
#include "src/os_backend.h"
#include "tina/sim.h"

namespace tina::sim {

class Network {
 public:
  Network(Clock& clock, Chooser& chooser, Trace& trace, NetworkUser& user,
          const NetworkFaults& faults, const Kinds& kinds = all_kinds());

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
  void lend(unsigned shard, std::uint32_t group, std::span<std::byte> buffer);
  void take_back(unsigned shard, std::uint32_t group, std::uint32_t count);
  std::int32_t open(unsigned shard, const internal::OpenRequest& request);

  // The same of the kinds, which are reached through theirs alone (sim/kind.h).
  std::int32_t listen(unsigned shard, const internal::OpenRequest& request);
  std::int32_t open_stream(unsigned shard);
  std::int32_t open_signals(unsigned shard, const internal::IoTable& io);
  std::int32_t open_standard(unsigned shard, const internal::IoTable& io);
  std::int32_t open_datagrams(unsigned shard, const internal::OpenRequest& request);
  std::int32_t open_pipe(unsigned shard, const internal::OpenRequest& request);
  std::int32_t open_unix(unsigned shard, const internal::OpenRequest& request);
  void drain_output();
  void datagram_arrives(std::uint64_t serial);

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
  /// The same at the addresses of Unix sockets. False: nobody takes it, or its queue is full.
  void peer_takes_datagrams(std::uint32_t peer, const net::UnixAddress& address);
  bool peer_sends_datagram(std::uint32_t peer, const net::UnixAddress& address,
                           std::span<const std::byte> bytes);
  /// Writes into a named pipe, which is there from then on. False: the system does not read it.
  bool write_pipe(const fs::Path& path, std::span<const std::byte> bytes);
  /// Ends what the peers write into it.
  void end_pipe(const fs::Path& path);
  /// The peer reads it from now on, or (`kNoPeer`) nobody outside does.
  void read_pipe(std::uint32_t peer, const fs::Path& path);
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
  std::uint64_t operations_in_flight() const {
    return lanes_of_token_.size() + (names_ ? names_->in_flight() : 0);
  }
  /// What the system's resolvers find; null: it has none.
  NameService* names() { return names_.get(); }
  const NameService* names() const { return names_.get(); }
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
    bool more = false;       ///< of a read-ahead: it goes on
    bool cancelled = false;  ///< but not after this completion
  };
  struct Datagram {
    net::Address from;
    std::vector<std::byte> bytes;
    std::uint16_t port;   ///< where it goes
    std::int32_t sender;  ///< the system's socket; -1: a peer's
  };
  struct UnixDatagram {
    net::UnixAddress from;
    std::vector<std::byte> bytes;
  };
  /// Which isolate last used a socket. `known` is false for one that nobody has used yet.
  struct Owner {
    unsigned type = 0;
    std::uint32_t slot = 0;
    bool known = false;
  };
  struct Socket;
  /// What sockets do that are neither streams nor listeners. Reached through the socket that its
  /// `open` has made, so that a program without such sockets does not link it.
  struct Device {
    void (Network::*attempt)(std::int32_t descriptor, Socket&, Lane&);
    void (Network::*end)(std::int32_t descriptor, Socket&) = nullptr;  ///< null: nothing
    std::int32_t (Network::*move_batch)(Socket&, const internal::Operation&) = nullptr;
  };
  static const Device kSignalDevice, kStandardDevice, kDatagramDevice, kUnixDatagramDevice;
  static const Device kPipeDevice;
  struct Socket {
    Lane lane[2];  ///< accept or receive; send or finish
    Owner owner;
    const Device* device = nullptr;  ///< null: a stream or a listener
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
    // Of Unix ones.
    std::uint32_t name = kNoName;  ///< where it is bound
    std::uint32_t peer_name = kNoName;
    std::int32_t peer_socket = -1;  ///< of the system; -1: the peer is outside
    std::deque<UnixDatagram> unix_received;
    // Of ends of named pipes.
    std::uint32_t pipe = kNoName;
    std::uint64_t writers_before = 0;  ///< that the pipe had had when a reader opened it
    // Of datagrams.
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
    std::uint32_t takes_datagrams = kNoPeer;
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
  void attempt_read_ahead(std::int32_t descriptor, Socket& on, Lane& lane);
  void continue_read_ahead(const Event& event, Lane& lane);
  std::size_t take_bytes(Socket& on, Lane& lane, std::span<std::byte> to);
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
  void attempt_standard(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_signal(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_connect(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_datagram(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_receive_from(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_send_datagram(std::int32_t descriptor, Socket& socket, Lane& lane);
  std::int32_t move_datagrams(Socket& socket, const internal::Operation& operation);
  std::int32_t receive_batch(Socket& socket, const internal::Operation& operation);
  std::int32_t send_batch(Socket& socket, const internal::Operation& operation);
  static Datagram next_datagram(Socket& socket);
  std::int32_t send_datagram(std::int32_t descriptor, Socket& socket, const net::Address* to,
                             std::span<const std::byte> bytes);
  void connect_datagrams(std::int32_t descriptor, Socket& socket, const Lane& lane);
  void end_datagrams(std::int32_t descriptor, Socket& socket);
  void fly_datagram(Datagram datagram);
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
  void happen_to(internal::IoKind kind, const Event& event);

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
  std::uint32_t new_unix_name();
  static bool taken(const UnixName& name) {
    return name.bound >= 0 || !name.offers.empty() || name.takes_datagrams != kNoPeer;
  }
  /// The error of connecting where nobody is.
  static std::int32_t nobody_at(const UnixName& name);
  std::int32_t open_unix_datagrams(unsigned shard, const internal::OpenRequest& request,
                                   std::uint32_t name);
  std::int32_t find_unix_receiver(std::uint32_t name, std::uint32_t sender,
                                  std::int32_t& socket) const;
  void end_unix_datagrams(std::int32_t descriptor, Socket& socket);
  void retry_unix_senders(std::int32_t receiver);
  void attempt_unix_datagram(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_receive_unix(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_send_unix(std::int32_t descriptor, Socket& socket, Lane& lane);
  NamedPipe& named_pipe(const fs::Path& path);
  void end_pipe_end(std::int32_t descriptor, Socket& socket);
  void retry_pipe(const NamedPipe& pipe);
  bool pipe_has_news(const Socket& socket) const;
  void attempt_pipe(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_read_pipe(std::int32_t descriptor, Socket& socket, Lane& lane);
  void attempt_write_pipe(std::int32_t descriptor, Socket& socket, Lane& lane);
  bool far_end_gone(const Connection& connection) const;

  Clock& clock_;
  Chooser& chooser_;
  Trace& trace_;
  NetworkUser& user_;
  NetworkFaults faults_;
  NetworkCounts counts_{};
  const Kinds kinds_;
  std::unique_ptr<NameService> names_;
  std::deque<Connection> connections_;
  std::deque<Socket> sockets_;
  std::map<std::uint16_t, std::vector<std::int32_t>> listeners_;
  std::map<std::uint16_t, std::vector<std::uint32_t>> offers_;  ///< peers that listen, by port
  std::vector<UnixName> unix_names_;
  std::vector<NamedPipe> named_pipes_;
  std::map<std::uint16_t, std::vector<std::int32_t>> datagram_sockets_;
  std::map<std::uint16_t, std::uint32_t> datagram_peers_;
  std::unordered_map<std::uint64_t, Datagram> flying_;  ///< looked up only, never walked
  std::uint64_t flying_serial_ = 0;
  std::uint16_t next_datagram_port_ = 49'152;
  std::unordered_map<std::uint64_t, LaneName> lanes_of_token_;  ///< looked up only, never walked
  std::map<std::uint64_t, std::deque<std::span<std::byte>>> lent_;  ///< by shard and group
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
