// SPDX-License-Identifier: Apache-2.0
// See os_address.h.
#include "src/os_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

namespace tina::internal {

static_assert(sizeof(sockaddr_in6) <= sizeof(AddressOperand::raw));

bool wants_v4(const net::Address& address) { return address.is_v4(); }

void write_raw(AddressOperand& operand) {
  const net::Address& address = operand.address;
  if (wants_v4(address)) {
    sockaddr_in raw{};
    raw.sin_family = AF_INET;
    raw.sin_addr.s_addr = htonl(address.v4_host());
    raw.sin_port = htons(address.port);
    std::memcpy(operand.raw.data(), &raw, sizeof raw);
    operand.raw_size = sizeof raw;
    return;
  }
  sockaddr_in6 raw{};
  raw.sin6_family = AF_INET6;
  std::memcpy(&raw.sin6_addr, address.host.data(), address.host.size());
  raw.sin6_port = htons(address.port);
  raw.sin6_scope_id = address.zone;
  std::memcpy(operand.raw.data(), &raw, sizeof raw);
  operand.raw_size = sizeof raw;
}

void read_raw(AddressOperand& operand) {
  sa_family_t family = 0;
  if (operand.raw_size < sizeof family || operand.raw_size > sizeof operand.raw) return;
  std::memcpy(&family, operand.raw.data() + offsetof(sockaddr, sa_family), sizeof family);
  if (family == AF_INET && operand.raw_size >= sizeof(sockaddr_in)) {
    sockaddr_in raw{};
    std::memcpy(&raw, operand.raw.data(), sizeof raw);
    operand.address = net::Address::v4(ntohl(raw.sin_addr.s_addr), ntohs(raw.sin_port));
  } else if (family == AF_INET6 && operand.raw_size >= sizeof(sockaddr_in6)) {
    sockaddr_in6 raw{};
    std::memcpy(&raw, operand.raw.data(), sizeof raw);
    std::memcpy(operand.address.host.data(), &raw.sin6_addr, operand.address.host.size());
    operand.address.port = ntohs(raw.sin6_port);
    operand.address.zone = raw.sin6_scope_id;
  }
}

net::Address own_address(std::int32_t descriptor) {
  AddressOperand operand{};
  socklen_t size = sizeof operand.raw;
  auto* const raw = reinterpret_cast<sockaddr*>(operand.raw.data());
  if (::getsockname(descriptor, raw, &size) != 0) return {};
  operand.raw_size = size;
  read_raw(operand);
  return operand.address;
}

}  // namespace tina::internal
