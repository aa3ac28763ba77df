// SPDX-License-Identifier: Apache-2.0
// The hash of routes: kept for ever, because what is stored behind a route is found by it.
#include <gtest/gtest.h>

#include <array>

#include "tina/route.h"
#include "tina/string.h"

namespace tina::internal {
namespace {

enum class Colour : std::uint8_t { kRed = 7 };

TEST(RouteHash, KeepsItsValues) {
  EXPECT_EQ(route_hash(std::uint64_t{0}), 0xe220a8397b1dcdafU);
  EXPECT_EQ(route_hash(std::uint64_t{1}), 0x910a2dec89025cc1U);
}

TEST(RouteHash, IsThatOfTheValueAndNotOfItsWidth) {
  EXPECT_EQ(route_hash(std::uint8_t{7}), route_hash(std::uint64_t{7}));
  EXPECT_EQ(route_hash(std::int32_t{7}), route_hash(std::uint16_t{7}));
  EXPECT_EQ(route_hash(Colour::kRed), route_hash(std::uint64_t{7}));
  EXPECT_EQ(route_hash(true), route_hash(std::uint32_t{1}));
  EXPECT_NE(route_hash(std::int8_t{-1}), route_hash(std::uint8_t{255}));
}

TEST(RouteHash, SpreadsSuccessiveKeysEvenly) {
  std::array<int, 8> places{};
  for (std::uint64_t key = 0; key < 8000; ++key) ++places[route_hash(key) % places.size()];
  for (const int keys : places) EXPECT_NEAR(keys, 1000, 120);
}

TEST(RouteHash, TakesTheTextOfAStringAndNotItsCapacity) {
  const String<8> small("key");
  const String<200> large("key");
  EXPECT_EQ(route_hash(small), route_hash(large));
  EXPECT_NE(route_hash(small), route_hash(String<8>("kez")));
}

}  // namespace
}  // namespace tina::internal
