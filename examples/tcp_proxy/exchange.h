// SPDX-License-Identifier: Apache-2.0
// What a simulated client and its upstream say to each other: two streams of bytes that follow from
// a number, which the client says first. Both sides know them, so that each checks every byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace tcp_proxy {

/// Who ends its side when.
enum class Order : std::uint8_t { kBothAtOnce, kClientFirst, kUpstreamFirst };

class Exchange {
 public:
  static constexpr std::size_t kHead = sizeof(std::uint64_t);

  Exchange() = default;
  explicit Exchange(std::uint64_t number) : number_(number) {}
  explicit Exchange(std::span<const std::byte, kHead> head) {
    std::memcpy(&number_, head.data(), kHead);
  }

  Order order() const { return static_cast<Order>(spread(0) % 3); }
  /// What the client says, its number first.
  std::vector<std::byte> up() const {
    std::vector<std::byte> bytes = stream(1);
    std::memcpy(bytes.data(), &number_, kHead);
    return bytes;
  }
  std::vector<std::byte> down() const { return stream(2); }

 private:
  static constexpr std::uint64_t kLengthMax = 20'000;

  std::uint64_t spread(std::uint64_t salt) const {
    std::uint64_t value = (number_ + 1) * 0x9e3779b97f4a7c15 + salt * 0xbf58476d1ce4e5b9;
    value = (value ^ (value >> 29)) * 0x94d049bb133111eb;
    return value ^ (value >> 32);
  }
  std::vector<std::byte> stream(std::uint64_t direction) const {
    std::vector<std::byte> bytes(kHead + spread(direction) % kLengthMax);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      bytes[i] = static_cast<std::byte>(spread(direction + 3 * (i + 1)));
    }
    return bytes;
  }

  std::uint64_t number_ = 0;
};

/// Exchanges of this run that ended before all was said.
inline std::uint64_t broken = 0;

}  // namespace tcp_proxy
