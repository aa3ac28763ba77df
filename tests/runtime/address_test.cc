// SPDX-License-Identifier: Apache-2.0
// Addresses: one form for both families, and the kernel's form of each.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "src/os_address.h"

namespace tina::internal {
namespace {

constexpr std::array<std::uint8_t, 16> kLinkLocal{0xfe, 0x80, 0, 0, 0, 0, 0, 0,
                                                  2,    0x1f, 0, 0, 0, 0, 0, 7};

AddressOperand there_and_back(const net::Address& address) {
  AddressOperand operand{};
  operand.address = address;
  write_raw(operand);
  operand.address = {};
  read_raw(operand);
  return operand;
}

sa_family_t family(const AddressOperand& operand) {
  sockaddr raw{};
  std::memcpy(&raw, operand.raw.data(), sizeof raw);
  return raw.sa_family;
}

TEST(Addresses, AnIPv4OneIsMappedAndStaysReadable) {
  constexpr net::Address kAddress = net::Address::v4(0xc0a80102, 443);
  static_assert(kAddress.is_v4() && kAddress.v4_host() == 0xc0a80102);
  EXPECT_EQ(kAddress.host[10], 0xff);
  EXPECT_EQ(kAddress.host[12], 0xc0);
  EXPECT_FALSE(net::Address::v6(kLinkLocal, 443).is_v4());
  EXPECT_FALSE(net::Address{}.is_v4());
}

TEST(Addresses, GoToTheKernelInTheirOwnFamily) {
  const auto four = there_and_back(net::Address::loopback(9000));
  EXPECT_EQ(family(four), AF_INET);
  EXPECT_EQ(four.address, net::Address::loopback(9000));
  const auto six = there_and_back(net::Address::v6(kLinkLocal, 9000, 3));
  EXPECT_EQ(family(six), AF_INET6);
  EXPECT_EQ(six.address, net::Address::v6(kLinkLocal, 9000, 3));
}

TEST(Addresses, AMappedOneComesBackFromASocketOfBothFamiliesAsIPv4) {
  AddressOperand operand{};
  sockaddr_in6 raw{};
  raw.sin6_family = AF_INET6;
  std::memcpy(&raw.sin6_addr, net::Address::loopback(0).host.data(), 16);
  raw.sin6_port = htons(77);
  std::memcpy(operand.raw.data(), &raw, sizeof raw);
  operand.raw_size = sizeof raw;
  read_raw(operand);
  EXPECT_EQ(operand.address, net::Address::loopback(77));
}

TEST(Addresses, WhatTheKernelDidNotWriteIsNotRead) {
  AddressOperand operand{};
  operand.address = net::Address::loopback(1);
  operand.raw_size = 0;
  read_raw(operand);
  EXPECT_EQ(operand.address, net::Address::loopback(1));
  operand.raw_size = sizeof operand.raw + 1;  // longer than its place: cut off by the kernel
  read_raw(operand);
  EXPECT_EQ(operand.address, net::Address::loopback(1));
}

}  // namespace
}  // namespace tina::internal
