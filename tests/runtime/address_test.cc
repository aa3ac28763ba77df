// SPDX-License-Identifier: Apache-2.0
// Addresses: one form for both families, and the kernel's form of each.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "src/os_address.h"
#include "tina/address_text.h"

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

std::string_view text_of(std::string_view written, std::array<char, 64>& place) {
  const auto read = net::parse(written);
  if (!read) return "none";
  const net::AddressText text(*read);
  return {place.data(), text.view().copy(place.data(), place.size())};
}

TEST(Addresses, AreReadAndWrittenAsText) {
  std::array<char, 64> place{};
  // As RFC 5952 writes them; both sides are the same where one is given.
  const std::pair<const char*, const char*> kTexts[] = {
      {"127.0.0.1:8080", nullptr},
      {"0.0.0.0:0", nullptr},
      {"255.255.255.255:65535", nullptr},
      {"[::1]:8080", nullptr},
      {"[::]:1", nullptr},
      {"[fe80::21f:0:0:7%3]:9000", nullptr},
      {"[2001:db8::1:0:0:1]:80", nullptr},
      {"[2001:db8:1:1:1:1:0:1]:80", nullptr},
      {"[1::]:80", nullptr},
      {"[1:2:3:4:5:6:7:8]:80", nullptr},
      {"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff%999999999]:65535", nullptr},
      {"[2001:DB8:0:0:1:0:0:1]:80", "[2001:db8::1:0:0:1]:80"},
      {"[0:0:0:0:0:0:0:0]:5", "[::]:5"},
      {"[::ffff:10.0.0.1]:80", "10.0.0.1:80"},
      {"[64:ff9b::192.0.2.33]:80", "[64:ff9b::c000:221]:80"},
  };
  for (const auto& [written, expected] : kTexts) {
    EXPECT_EQ(text_of(written, place), expected == nullptr ? written : expected);
  }
}

TEST(Addresses, AreNotReadFromAnythingElse) {
  for (const char* text : {"",
                           ":",
                           ":80",
                           "127.0.0.1",
                           "127.0.0.1:",
                           "127.0.0.1:65536",
                           "127.0.0.1:-1",
                           "127.0.0.1:80 ",
                           " 127.0.0.1:80",
                           "127.0.0:80",
                           "127.0.0.1.1:80",
                           "127.0.0.256:80",
                           "127.00.0.1:80",
                           "127.0.0.1:080",
                           "::1:80",
                           "[::1]",
                           "[::1]80",
                           "[::1:80",
                           "::1]:80",
                           "[]:80",
                           "[:]:80",
                           "[:::]:80",
                           "[1::2::3]:80",
                           "[1:2:3:4:5:6:7]:80",
                           "[1:2:3:4:5:6:7:8:9]:80",
                           "[1:2:3:4:5:6:7::8]:8",
                           "[12345::]:80",
                           "[g::]:80",
                           "[1.2.3.4]:80",
                           "[::1.2.3]:80",
                           "[::1.2.3.4:5]:80",
                           "[fe80::1%]:80",
                           "[fe80::1%eth0]:80",
                           "[fe80::1%01]:80",
                           "localhost:80"}) {
    EXPECT_FALSE(net::parse(text).has_value()) << text;
  }
}

static_assert(net::parse("127.0.0.1:80") == net::Address::loopback(80));

}  // namespace
}  // namespace tina::internal
