// SPDX-License-Identifier: Apache-2.0
// See cabin.h.
#include "cabin.h"

#include <algorithm>

namespace elevator {

Cabin::InitResult Cabin::on_init(CabinInit&& init, Context&) {
  number = init.number;
  building = init.building;
  return ok();
}

Cabin::Entry<Cabin::InService> Cabin::on_enter(in<InService>, Context&) {
  doors_open = false;
  return start();
}

Cabin::Then<Cabin::Stay<Cabin::InService>> Cabin::on_press(in<InService>, const Press& press,
                                                           Context& ctx) {
  take(press, ctx);
  return stay();
}

Cabin::Then<Cabin::Moving, Cabin::AtFloor> Cabin::on_press(in<Idle>, const Press& press,
                                                           Context& ctx) {
  take(press, ctx);
  if (wanted(floor)) return to<AtFloor>();
  if (!turn()) return crash("an idle cabin has no place for a ride");
  return to<Moving>();
}

Cabin::Then<Cabin::Idle, Cabin::Moving, Cabin::AtFloor> Cabin::on_after(in<Idle>, Context&) {
  if (wanted(floor)) return to<AtFloor>();
  if (turn()) return to<Moving>();
  return to<Idle>();
}

Cabin::Entry<Cabin::Moving> Cabin::on_enter(in<Moving>, Context&) {
  if (doors_open) return crash("moves with open doors");
  return start();
}

Cabin::Then<Cabin::Moving, Cabin::AtFloor> Cabin::on_after(in<Moving>, Context&) {
  floor = static_cast<std::uint8_t>(floor + (upwards ? 1 : -1));
  if (floor >= FLOORS) return crash("leaves the shaft");
  if (wanted(floor)) return to<AtFloor>();
  if (!turn()) return crash("moves for nobody");
  return to<Moving>();
}

Cabin::Entry<Cabin::AtFloor> Cabin::on_enter(in<AtFloor>, Context&) {
  if (!wanted(floor)) return crash("stops for nobody");
  return start();
}

Cabin::Entry<Cabin::Open> Cabin::on_enter(in<Open>, Context& ctx) {
  doors_open = true;
  for (Ride& ride : rides) {
    if (ride.rider == Rider::kRides && ride.to == floor) {
      end(ride, true, ctx);
      ride = {};
    } else if (ride.rider == Rider::kWaits && ride.from == floor) {
      ride.rider = Rider::kRides;
    }
  }
  return start();
}

Cabin::Then<Cabin::Stay<Cabin::Open>, Cabin::Open> Cabin::on_press(in<Open>, const Press& press,
                                                                   Context& ctx) {
  take(press, ctx);
  if (press.from == floor) return to<Open>();
  return stay();
}

Cabin::Then<Cabin::Stay<Cabin::Closing>, Cabin::Opening> Cabin::on_press(in<Closing>,
                                                                         const Press& press,
                                                                         Context& ctx) {
  take(press, ctx);
  if (press.from == floor) return to<Opening>();
  return stay();
}

Cabin::Then<Cabin::Idle, Cabin::Moving> Cabin::on_after(in<Closing>, Context&) {
  doors_open = false;
  if (turn()) return to<Moving>();
  return to<Idle>();
}

Cabin::Entry<Cabin::OutOfService> Cabin::on_enter(in<OutOfService>, Context&) { return start(); }

void Cabin::take(const Press& press, Context& ctx) {
  const Ride ride{press.ride, press.from, press.to, Rider::kWaits};
  for (Ride& place : rides) {
    if (place.rider != Rider::kNone) continue;
    place = ride;
    return;
  }
  end(ride, false, ctx);
}

void Cabin::end(const Ride& ride, bool served, Context& ctx) {
  // A building that is gone has nobody who waits; one that is full asks again later.
  (void)ctx.send(building, Ended{.ride = ride.ride, .cabin = number, .served = served});
}

bool Cabin::wanted(int at) const {
  return std::any_of(rides.begin(), rides.end(), [at](const Ride& ride) {
    return (ride.rider == Rider::kWaits && ride.from == at) ||
           (ride.rider == Rider::kRides && ride.to == at);
  });
}

bool Cabin::turn() {
  for (int turns = 0; turns < 2; ++turns) {
    const int step = upwards ? 1 : -1;
    for (int at = floor + step; at >= 0 && at < FLOORS; at += step) {
      if (wanted(at)) return true;
    }
    upwards = !upwards;
  }
  return false;
}

}  // namespace elevator
