// SPDX-License-Identifier: Apache-2.0
// What a parity case runs in: a backend, and peers outside that do what the case tells them. There
// is a world of real sockets for each production backend and one of simulated sockets; a case
// cannot tell which it is in. Time in a world moves only in `wait`. Test's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "src/os_backend.h"

namespace tina::parity {

using internal::BackendCalls;
using internal::OpCode;
using internal::Token;

enum class Kind : std::uint8_t { kIoUring, kEpoll, kSimulated };
const char* name(Kind kind);

/// What a peer has seen of its connection.
struct Seen {
  bool connected = false;
  bool refused = false;
  bool ended = false;  ///< the system has ended its direction
  bool reset = false;
  std::string bytes;
};

/// What may stand behind a standard stream.
enum class Behind : std::uint8_t { kPipe, kSocket, kFile };

using Completed = std::function<void(Token, std::int32_t)>;
using PeerId = std::uint32_t;

class World {
 public:
  virtual ~World() = default;

  // The system's side. It has two shards, the second one from its first mention on.
  virtual const BackendCalls& calls() const = 0;
  virtual void* backend(unsigned shard) = 0;
  void* backend() { return backend(0); }
  /// One pass: hands over completions, then what was started. Peers work, too.
  virtual void pass(const Completed& completed) = 0;
  /// Lets time go on until something may have happened. False: nothing will, or too much has gone.
  virtual bool wait() = 0;
  /// Lets go on whatever is under way, as far as anybody can know; for what must not happen.
  virtual void settle(const Completed& completed) = 0;
  /// A port for a listener of the system, and one that nobody listens on.
  virtual std::uint16_t free_port() = 0;
  /// From now on the system gets no descriptor; or again as many as it wants.
  virtual void exhaust_descriptors(bool exhausted) = 0;
  /// Descriptors that the system has beside those it had at first.
  virtual std::int64_t descriptors() const = 0;

  // What the operating system tells, and its standard streams.
  /// A signal to the process, an os::Signal.
  virtual void signal(unsigned which) = 0;
  /// What stands behind the standard streams. Before they are opened.
  virtual void standard_is(Behind behind) = 0;
  virtual std::int32_t open_standard(const internal::IoTable& io) = 0;
  /// Bytes for the standard input, and its end behind them.
  virtual void feed(std::string_view bytes) = 0;
  virtual void end_input() = 0;
  /// What has been written to the standard output, or to the standard error, and was read there.
  virtual const std::string& written(bool error) = 0;
  /// Who reads them stops to read, or reads again; or leaves.
  virtual void hold_output(bool held) = 0;
  virtual void leave_output() = 0;

  // Names. All of it is about the DNS server that the system asks; it knows none at first.
  /// The system may resolve names from now on. Before it does anything else.
  virtual void open_names() = 0;
  /// A name has these addresses; without any it exists and has none.
  virtual void name(std::string_view name, const std::vector<net::Address>& addresses) = 0;
  /// Questions about a name end so from now on, in an errno of net.resolver's; ETIMEDOUT: never.
  virtual void name_fails(std::string_view name, std::int32_t error) = 0;

  // The disk.
  /// A directory of the case's own, empty at first; without a slash at its end.
  virtual std::string folder() = 0;
  /// A file that is there, and of which no byte can be written: the disk is full.
  virtual std::string full_file() = 0;
  /// From now on no file gets longer than that; ~0: as long as it wants.
  virtual void limit_files(std::uint64_t bytes) = 0;

  // The peers' side. Nothing here waits; what a peer sends goes as the connection takes it.
  virtual PeerId connect(std::uint16_t port) = 0;
  /// A peer that takes the next connection of the system to the port that is returned.
  virtual PeerId listen(std::uint16_t& port) = 0;
  /// A port whose listener never answers.
  virtual std::uint16_t silent_port() = 0;
  virtual void send(PeerId peer, std::string_view bytes) = 0;
  /// Ends the peer's direction, after what it sends.
  virtual void finish(PeerId peer) = 0;
  /// Closes the peer's socket, after what it sends.
  virtual void close(PeerId peer) = 0;
  virtual void reset(PeerId peer) = 0;
  /// The peer stops to read, or reads again.
  virtual void hold(PeerId peer, bool held) = 0;
  virtual const Seen& seen(PeerId peer) const = 0;
};

std::unique_ptr<World> make_world(Kind kind);
/// Whether this machine has it.
bool available(Kind kind);

// Of the three, in files of their own.
std::unique_ptr<World> make_io_uring_world();
std::unique_ptr<World> make_epoll_world();
std::unique_ptr<World> make_simulated_world();

}  // namespace tina::parity
