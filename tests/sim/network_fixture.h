// SPDX-License-Identifier: Apache-2.0
// A simulated network with nobody behind it but the test: it starts operations as a backend would,
// plays the peers, and remembers what it is told.
#pragma once

#include "sim/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <optional>
#include <vector>

namespace tina::sim {

using internal::OpCode;
using internal::Token;

inline constexpr std::uint16_t kPort = 9000;

inline std::vector<std::byte> pattern(std::size_t size, unsigned salt) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(mix(i + salt * 7919));
  return bytes;
}

/// A network with nobody behind it but the test.
class NetworkTest : public testing::Test, public NetworkUser {
 protected:
  void make(NetworkFaults faults, std::uint64_t seed = 1) {
    chooser.emplace(seed);
    network.emplace(clock, *chooser, trace, *this, faults);
  }
  static NetworkFaults none() {
    return {.short_read = 0,
            .short_write = 0,
            .reset = 0,
            .accept_error = 0,
            .connect_error = 0,
            .slow_segment = 0,
            .names = {},
            .datagram_loss = 0,
            .datagram_twice = 0,
            .datagram_late = 0};
  }

  void completed(unsigned, Token token, std::int32_t value) override {
    EXPECT_EQ(results.count(token.bits), 0U) << "a second completion";
    results[token.bits] = value;
  }
  void peer_connected(std::uint32_t) override { ++connected; }
  void peer_accepted(std::uint32_t, std::uint32_t number) override {
    ++connected;
    connection = number;
  }
  void peer_finished(std::uint32_t) override { ++ended; }
  void peer_bytes(std::uint32_t, std::span<const std::byte> bytes) override {
    received.insert(received.end(), bytes.begin(), bytes.end());
  }
  void peer_closed(std::uint32_t, Closed how) override { closed.push_back(how); }
  void failed(const std::string& why) override { failures.push_back(why); }

  void run() {
    while (!clock.idle()) network->happen(clock.next());
  }
  void start(std::uint32_t slot, OpCode op, std::int32_t on,
             std::span<const std::byte> bytes = {}) {
    auto* const operand = reinterpret_cast<std::byte*>(&operands[slot]);
    network->start(0, {Token::make(0, slot, 0), op, on, bytes.data(),
                       static_cast<std::uint32_t>(bytes.size()), 0, operand});
  }
  std::int32_t listen(unsigned shard, std::uint16_t port, std::uint32_t backlog, bool reuse_port) {
    internal::IoTable io{.name = "server",
                         .kind = internal::IoKind::kTcpListener,
                         .first_record = 0,
                         .first_completion = 0,
                         .lanes = 1};
    io.reuse_port = reuse_port;
    io.backlog = backlog;
    return network->listen(shard, {io, net::Address::v6({}, port)});
  }
  /// The result of an operation, which must have come. Taken, so that the slot may be used again.
  std::int32_t take(std::uint32_t slot) {
    const auto found = results.find(Token::make(0, slot, 0).bits);
    EXPECT_NE(found, results.end()) << "no completion";
    if (found == results.end()) return -1;
    const std::int32_t value = found->second;
    results.erase(found);
    return value;
  }
  bool has(std::uint32_t slot) const { return results.count(Token::make(0, slot, 0).bits) != 0; }

  /// A connection of peer 0 with its descriptor.
  void open() {
    listener = listen(0, kPort, 8, false);
    start(0, OpCode::kAccept, listener);
    connection = network->connect(0, kPort, 0x7f000001);
    run();
    descriptor = take(0);
    ASSERT_GE(descriptor, 0);
    ASSERT_EQ(connected, 1);
  }
  /// Reads until nothing more comes; returns the bytes. `last` is the value that ended it.
  std::vector<std::byte> read_all(std::int32_t& last) {
    std::vector<std::byte> all;
    std::vector<std::byte> buffer(700);
    for (;;) {
      start(1, OpCode::kReceive, descriptor, buffer);
      run();
      last = take(1);
      if (last <= 0) return all;
      all.insert(all.end(), buffer.begin(), buffer.begin() + last);
    }
  }
  void send_all(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      start(2, OpCode::kSend, descriptor, bytes);
      run();
      const std::int32_t sent = take(2);
      ASSERT_GT(sent, 0);
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
  }

  Clock clock;
  Trace trace{nullptr};
  std::optional<Chooser> chooser;
  std::optional<Network> network;
  std::map<std::uint64_t, std::int32_t> results;
  std::map<std::uint32_t, internal::AddressOperand> operands;
  std::vector<std::byte> received;
  std::vector<Closed> closed;
  std::vector<std::string> failures;
  std::int32_t listener = -1;
  std::int32_t descriptor = -1;
  std::uint32_t connection = 0;
  int connected = 0;
  int ended = 0;
};

}  // namespace tina::sim
