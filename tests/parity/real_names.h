// SPDX-License-Identifier: Apache-2.0
// Names in the worlds with real sockets: the thread that resolves, the lanes of a shard that asks
// it, and a DNS server of the case's own, which answers when the case's thread lets it work. Test's
// thread.
#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

#include "src/resolver.h"
#include "src/resolver_lanes.h"
#include "world.h"

namespace tina::parity {

/// A DNS server over UDP on a loopback port.
class DnsServer {
 public:
  DnsServer() = default;
  DnsServer(const DnsServer&) = delete;
  DnsServer& operator=(const DnsServer&) = delete;
  ~DnsServer();

  /// Takes a port; "127.0.0.1:5353".
  std::string open();
  bool is_open() const { return socket_ >= 0; }
  /// Answers what has been asked.
  void work();
  void name(std::string_view name, const std::vector<net::Address>& addresses);
  void name_fails(std::string_view name, std::int32_t error);

 private:
  struct Entry {
    std::vector<net::Address> addresses;
    std::int32_t error = 0;
  };
  std::string reply(const std::string& question) const;

  int socket_ = -1;
  std::map<std::string, Entry> entries_;
};

class RealNames {
 public:
  /// Starts the thread, for so many slots whose lane `lane` resolves.
  void open(internal::Returns& back, std::uint32_t slots, std::uint8_t lane);
  internal::ResolverLanes& lanes() { return lanes_; }
  DnsServer& server() { return server_; }
  bool is_open() const { return server_.is_open(); }

 private:
  DnsServer server_;
  std::array<internal::IoTable, 1> io_{};
  std::array<internal::TypeTable, 1> type_{};
  internal::RoleTable role_{};
  internal::ResolverLanes lanes_;
  internal::Resolver resolver_;
};

}  // namespace tina::parity
