// SPDX-License-Identifier: Apache-2.0
// See real_names.h. What the server says is RFC 1035's, the shortest that tells.
#include "real_names.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <span>

namespace tina::parity {
namespace {

constexpr std::size_t kHead = 12;
constexpr unsigned kA = 1, kAaaa = 28;
/// What c-ares takes for the server's own fault; SERVFAIL it takes for a refusal.
constexpr unsigned kBadForm = 1;
constexpr unsigned kNoName = 3, kRefused = 5;
/// One try of so long, for each resolver of a case.
constexpr std::int64_t kTimeoutNs = 200'000'000;

struct Question {
  std::string name;
  unsigned type = 0;
  std::size_t end = 0;  ///< behind it
};

unsigned byte_at(const std::string& from, std::size_t at) {
  return at < from.size() ? static_cast<unsigned char>(from[at]) : 0;
}

Question read_question(const std::string& packet) {
  Question asked;
  std::size_t at = kHead;
  for (unsigned size = byte_at(packet, at); size != 0; size = byte_at(packet, at)) {
    if (!asked.name.empty()) asked.name += '.';
    asked.name += packet.substr(at + 1, size);
    at += size + 1;
  }
  asked.type = byte_at(packet, at + 1) << 8 | byte_at(packet, at + 2);
  asked.end = at + 5;
  for (char& c : asked.name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return asked;
}

void put(std::string& to, unsigned value) {
  to += static_cast<char>(value >> 8 & 0xff);
  to += static_cast<char>(value & 0xff);
}

std::string host_of(const net::Address& address) {
  const auto* const bytes = reinterpret_cast<const char*>(address.host.data());
  return address.is_v4() ? std::string(bytes + 12, 4) : std::string(bytes, 16);
}

/// The head of an answer, and the question again.
std::string head(const std::string& packet, const Question& asked, unsigned code,
                 std::size_t answers) {
  std::string reply = packet.substr(0, 2);
  put(reply, 0x8180 | code);
  put(reply, 1);
  put(reply, static_cast<unsigned>(answers));
  put(reply, 0);
  put(reply, 0);
  return reply + packet.substr(kHead, asked.end - kHead);
}

unsigned code_of(std::int32_t error) {
  return error == ECONNREFUSED ? kRefused : error == EREMOTEIO ? kBadForm : kNoName;
}

}  // namespace

DnsServer::~DnsServer() {
  if (socket_ >= 0) ::close(socket_);
}

std::string DnsServer::open() {
  socket_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  sockaddr_in own{};
  own.sin_family = AF_INET;
  own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof own;
  EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&own), size), 0);
  EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &size), 0);
  return "127.0.0.1:" + std::to_string(ntohs(own.sin_port));
}

void DnsServer::name(std::string_view name, const std::vector<net::Address>& addresses) {
  entries_[std::string(name)] = {addresses, 0};
}

void DnsServer::name_fails(std::string_view name, std::int32_t error) {
  entries_[std::string(name)] = {{}, error};
}

/// Empty: none.
std::string DnsServer::reply(const std::string& packet) const {
  const Question asked = read_question(packet);
  const auto found = entries_.find(asked.name);
  if (found == entries_.end()) return head(packet, asked, kNoName, 0);
  const Entry& entry = found->second;
  if (entry.error == ETIMEDOUT) return {};
  // It promises more than there is.
  if (entry.error == EBADMSG) return head(packet, asked, 0, 999);
  if (entry.error != 0) return head(packet, asked, code_of(entry.error), 0);
  std::vector<std::string> hosts;
  for (const net::Address& address : entry.addresses) {
    if ((asked.type == kA) == address.is_v4()) hosts.push_back(host_of(address));
  }
  if (asked.type != kA && asked.type != kAaaa) hosts.clear();
  std::string reply = head(packet, asked, 0, hosts.size());
  for (const std::string& host : hosts) {
    put(reply, 0xc000 + kHead);  // the name of the question
    put(reply, asked.type);
    put(reply, 1);
    put(reply, 0);
    put(reply, 60);
    put(reply, static_cast<unsigned>(host.size()));
    reply += host;
  }
  return reply;
}

void DnsServer::work() {
  if (socket_ < 0) return;
  std::array<char, 512> buffer;
  for (;;) {
    sockaddr_in from{};
    socklen_t size = sizeof from;
    auto* const whom = reinterpret_cast<sockaddr*>(&from);
    const ssize_t got = ::recvfrom(socket_, buffer.data(), buffer.size(), 0, whom, &size);
    if (got < static_cast<ssize_t>(kHead)) return;
    const std::string answer = reply(std::string(buffer.data(), static_cast<std::size_t>(got)));
    if (answer.empty()) continue;
    EXPECT_GE(::sendto(socket_, answer.data(), answer.size(), 0, whom, size), 0) << errno;
  }
}

void RealNames::open(internal::Returns& back, std::uint32_t slots, std::uint8_t lane) {
  io_[0].name = "names";
  io_[0].kind = internal::IoKind::kResolver;
  io_[0].first_record = lane;
  io_[0].lanes = 1;
  io_[0].timeout = kTimeoutNs;
  io_[0].tries = 1;
  type_[0].slots = slots;
  type_[0].ios = io_;
  role_.types = type_;
  lanes_.open(role_, back, resolver_);
  EXPECT_EQ(resolver_.start(slots, server_.open()), "");
}

}  // namespace tina::parity
