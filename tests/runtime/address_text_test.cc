// SPDX-License-Identifier: Apache-2.0
// Addresses as text are what the C library takes them for, and what is none is refused.
#include "tina/address_text.h"

#include <gtest/gtest.h>

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>

namespace tina::net {
namespace {

/// What the C library makes of an IPv6 address.
bool library_v6(const std::string& text, std::array<std::uint8_t, 16>& host) {
  return inet_pton(AF_INET6, text.c_str(), host.data()) == 1;
}

TEST(AddressText, ReadsBothFamilies) {
  EXPECT_EQ(parse("127.0.0.1:9000"), Address::loopback(9000));
  const auto loopback = parse("[::1]:80");
  ASSERT_TRUE(loopback);
  EXPECT_EQ(loopback->host[15], 1);
  EXPECT_EQ(loopback->port, 80);
  const auto local = parse("[fe80::1%12]:65535");
  ASSERT_TRUE(local);
  EXPECT_EQ(local->zone, 12U);
  EXPECT_EQ(local->port, 65535);
  EXPECT_EQ(parse("[::ffff:10.0.0.1]:1"), Address::v4(0x0a000001, 1));
  static_assert(parse("1.2.3.4:5") == Address::v4(0x01020304, 5));
}

TEST(AddressText, RefusesWhatIsNoAddress) {
  for (const char* text : {"",
                           ":",
                           ":80",
                           "1.2.3.4",
                           "1.2.3.4:",
                           "1.2.3.4:65536",
                           "1.2.3.4:80 ",
                           " 1.2.3.4:80",
                           "1.2.3:80",
                           "1.2.3.4.5:80",
                           "256.0.0.1:80",
                           "01.2.3.4:80",
                           "1..2.3:80",
                           "-1.2.3.4:80",
                           "localhost:80",
                           "::1:80",
                           "[::1]",
                           "[::1:80",
                           "[]:80",
                           "[:]:80",
                           "[1]:80",
                           "[:::]:80",
                           "[1::2::3]:80",
                           "[1:2:3:4:5:6:7]:80",
                           "[1:2:3:4:5:6:7:8:9]:80",
                           "[12345::]:80",
                           "[g::]:80",
                           "[::1%]:80",
                           "[::1%x]:80",
                           "[1:2:3:4:5:6:7:1.2.3.4]:80",
                           "[::1.2.3.4:5]:80",
                           "[1:2:3:4:5:6:7:]:80",
                           "[:1:2:3:4:5:6:7]:80",
                           "1.2.3.4:000080"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

TEST(AddressText, AgreesWithTheCLibraryOverRandomTexts) {
  std::minstd_rand random(7);
  constexpr std::string_view kSigns = "0123456789abcdefF::::.";
  unsigned good = 0;
  for (unsigned round = 0; round < 400'000; ++round) {
    std::string text;
    for (auto left = random() % 9; left > 0; --left) {
      switch (random() % 4) {
        case 0:
          text += "::";
          break;
        case 1:
          text += "1.20.0.255";
          break;
        default:
          for (auto signs = random() % 6; signs > 0; --signs) {
            text += kSigns[random() % kSigns.size()];
          }
          text += ':';
      }
    }
    if (random() % 2 == 0 && text.ends_with(':')) text.pop_back();
    std::array<std::uint8_t, 16> expected{};
    const bool is = library_v6(text, expected);
    const auto read = parse("[" + text + "]:1");
    ASSERT_EQ(read.has_value(), is) << text;
    if (is) {
      ASSERT_EQ(read->host, expected) << text;
      ++good;
    }
  }
  EXPECT_GT(good, 10'000U);
}

}  // namespace
}  // namespace tina::net
