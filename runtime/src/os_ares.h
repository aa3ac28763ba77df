// SPDX-License-Identifier: Apache-2.0
// c-ares, as the resolver's thread uses it: one channel for each name that is asked at a time, so
// that giving up one name ends nothing else. A channel reads the machine's configuration when it is
// made, and is made anew when that has changed. Invariants: c-ares allocates on the resolver's
// thread alone and never more than kAresMemoryMax bytes; a seat writes its query's answer before it
// says that it has ended; between names it has no socket. Source: ares_getaddrinfo(3),
// ares_init_options(3).
#pragma once

#include <ares.h>

#include <array>
#include <cstdint>
#include <string>

#include "src/resolver_lanes.h"

namespace tina::internal {

/// Bytes that c-ares may have at once; what it needs beyond them ends in ENOMEM.
inline constexpr std::size_t kAresMemoryMax = std::size_t{64} << 20;

/// Starts the library, with an allocator that counts. Before its first use; 0 or an errno.
std::int32_t start_ares();
void end_ares();
/// Bytes that c-ares has now.
std::size_t ares_memory();

/// Whether c-ares takes `servers` ("127.0.0.1:5353,[::1]:53") for a list of DNS servers.
bool are_servers(const std::string& servers);

/// What the files that configure resolving were when somebody looked.
struct ResolverFiles {
  std::array<std::uint64_t, 9> facts{};
  friend bool operator==(const ResolverFiles&, const ResolverFiles&) = default;
};
ResolverFiles look_at_resolver_files();

/// Asks one name at a time.
class AresSeat {
 public:
  AresSeat() = default;
  AresSeat(const AresSeat&) = delete;
  AresSeat& operator=(const AresSeat&) = delete;
  ~AresSeat() { close(); }

  /// `epoll` is where its sockets are watched, as `name_of(number, socket)`.
  void place(int epoll, std::uint32_t number) {
    epoll_ = epoll;
    number_ = number;
  }
  static constexpr std::uint64_t name_of(std::uint32_t number, int socket) {
    return std::uint64_t{number} << 32 | static_cast<std::uint32_t>(socket);
  }

  /// Asks for a query's name. It may have ended when this returns.
  void ask(Query& query, const ResolverFiles& files, const std::string& servers);
  /// Something has come, or it is time to look at the clock.
  void process(int readable, int writable) { ares_process_fd(channel_, readable, writable); }
  void look_at_clock() { process(ARES_SOCKET_BAD, ARES_SOCKET_BAD); }
  /// Milliseconds until it wants to look at the clock; at most `limit`.
  int wait_ms(int limit) const;
  /// Ends what it asks with ECANCELED.
  void give_up() { ares_cancel(channel_); }
  void close();

  bool busy() const { return query_ != nullptr; }
  bool ended() const { return ended_; }
  /// Takes the query that has ended, and its value.
  Query* take(std::int32_t& value);

 private:
  int make_channel(const Query& query, const std::string& servers);
  void found(int status, const ares_addrinfo* answer);
  void watch(int socket, bool reads, bool writes);

  ares_channel channel_ = nullptr;
  ResolverFiles files_;
  std::int64_t timeout_ns_ = 0;
  std::uint32_t tries_ = 0;
  int epoll_ = -1;
  std::uint32_t number_ = 0;
  Query* query_ = nullptr;
  std::int32_t value_ = 0;
  bool ended_ = false;
};

}  // namespace tina::internal
