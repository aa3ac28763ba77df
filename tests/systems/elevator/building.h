// SPDX-License-Identifier: Apache-2.0
// Handlers of elevator.tina's Building: who wants to go where, in an order that follows from its
// own numbers alone; and what goes wrong in a building.
#pragma once

#include <array>

#include "elevator.tina.h"

namespace elevator {

/// What the test asks about the last building that closed: written, never read by handlers.
struct Closed {
  std::uint64_t times = 0;
  std::uint32_t served = 0;
  std::uint32_t asked_again = 0;
  std::uint32_t stops = 0;
};
inline Closed closed;

struct Building : BuildingBase {
  struct Ride {
    std::uint32_t ride = 0;  ///< 0: a free place
    std::uint8_t from = 0;
    std::uint8_t to = 0;
    tina::Instant asked;
    bool refused = false;  ///< the cabin had no place
  };

  std::array<tina::Ref<Cabin>, CABINS> cabins{};
  std::array<Ride, 32> waiting{};
  std::uint64_t random = 12345;
  std::uint32_t rides = 0;
  std::uint32_t made = 0;
  std::uint32_t served = 0;
  std::uint32_t asked_again = 0;
  std::uint32_t stops = 0;

  InitResult on_init(BuildingInit&&, Context&);
  Then<Stay<Open>, Empty> on_beat(in<Open>, const tina::Fired&, Context&);
  Then<Stay<Open>> on_ended(in<Open>, const Ended&, Context&);

 private:
  std::uint32_t pick(std::uint32_t below);
  void ask(Ride& ride, Context& ctx);
  void disturb(Context& ctx);
};

}  // namespace elevator
