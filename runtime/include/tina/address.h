// SPDX-License-Identifier: Apache-2.0
// Where a socket stands or goes. One form for both families: an IPv6 address, in which an IPv4 one
// is mapped (::ffff:a.b.c.d, RFC 4291), as the kernel's dual-stack sockets have it. Plain data of
// 24 bytes, so it travels in messages. Any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace tina::net {

/// `net.address` in `.tina`.
struct Address {
  std::array<std::uint8_t, 16> host{};  ///< in network order
  std::uint16_t port = 0;
  std::uint16_t padding_1_ = 0;  // explicit: it lies in messages
  std::uint32_t zone = 0;        ///< number of the interface, of link-local addresses

  /// An IPv4 address in host order: 127.0.0.1 is 0x7f000001.
  static constexpr Address v4(std::uint32_t host, std::uint16_t port) {
    Address address;
    address.host[10] = address.host[11] = 0xff;
    for (unsigned i = 0; i < 4; ++i) {
      address.host[12 + i] = static_cast<std::uint8_t>(host >> (24 - 8 * i));
    }
    address.port = port;
    return address;
  }
  /// This machine, over IPv4: 127.0.0.1.
  static constexpr Address loopback(std::uint16_t port) { return v4(0x7f000001, port); }
  /// An IPv6 address in network order.
  static constexpr Address v6(const std::array<std::uint8_t, 16>& host, std::uint16_t port,
                              std::uint32_t zone = 0) {
    Address address;
    address.host = host;
    address.port = port;
    address.zone = zone;
    return address;
  }

  constexpr bool is_v4() const {
    bool mapped = host[10] == 0xff && host[11] == 0xff;
    for (unsigned i = 0; i < 10; ++i) mapped = mapped && host[i] == 0;
    return mapped;
  }
  /// The IPv4 address in host order; of an IPv6 one, its last four bytes.
  constexpr std::uint32_t v4_host() const {
    std::uint32_t value = 0;
    for (unsigned i = 12; i < 16; ++i) value = value << 8 | host[i];
    return value;
  }

  friend bool operator==(const Address&, const Address&) = default;
};
static_assert(sizeof(Address) == 24 && alignof(Address) == 4 && offsetof(Address, port) == 16 &&
              offsetof(Address, zone) == 20);

using address = Address;

}  // namespace tina::net
