// SPDX-License-Identifier: Apache-2.0
// Handlers of elevator.tina's Cabin: which floors are wanted, and by whom. It crashes rather than
// do what an elevator must not.
#pragma once

#include <array>

#include "elevator.tina.h"

namespace elevator {

struct Cabin : CabinBase {
  enum class Rider : std::uint8_t { kNone, kWaits, kRides };
  struct Ride {
    std::uint32_t ride = 0;
    std::uint8_t from = 0;
    std::uint8_t to = 0;
    Rider rider = Rider::kNone;
  };

  std::uint32_t number = 0;
  tina::Ref<Building> building{};
  std::array<Ride, 8> rides{};
  std::uint8_t floor = 0;
  bool upwards = true;
  bool doors_open = false;

  InitResult on_init(CabinInit&&, Context&);

  Entry<InService> on_enter(in<InService>, Context&);
  Then<Stay<InService>> on_press(in<InService>, const Press&, Context&);

  Then<Moving, AtFloor> on_press(in<Idle>, const Press&, Context&);
  Then<Idle, Moving, AtFloor> on_after(in<Idle>, Context&);

  Entry<Moving> on_enter(in<Moving>, Context&);
  Then<Moving, AtFloor> on_after(in<Moving>, Context&);

  Entry<AtFloor> on_enter(in<AtFloor>, Context&);
  Entry<Open> on_enter(in<Open>, Context&);
  Then<Stay<Open>, Open> on_press(in<Open>, const Press&, Context&);
  Then<Stay<Closing>, Opening> on_press(in<Closing>, const Press&, Context&);
  Then<Idle, Moving> on_after(in<Closing>, Context&);

  Entry<OutOfService> on_enter(in<OutOfService>, Context&);

 private:
  void take(const Press&, Context&);
  void end(const Ride&, bool served, Context&);
  /// Whether somebody waits on this floor or gets off there.
  bool wanted(int at) const;
  /// Looks for a wanted floor in the direction of travel, then the other way. False: none.
  bool turn();
};

}  // namespace elevator
