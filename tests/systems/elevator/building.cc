// SPDX-License-Identifier: Apache-2.0
// See building.h.
#include "building.h"

#include <algorithm>
#include <utility>

namespace elevator {
namespace {

/// Who has not been served for so long asks again: the cabin may have crashed.
constexpr std::int64_t kPatience_ns = 300'000'000'000;

}  // namespace

Building::InitResult Building::on_init(BuildingInit&& init, Context&) {
  rides = init.rides;
  return ok();
}

Building::Then<Building::Stay<Building::Open>, Building::Empty> Building::on_beat(
    in<Open>, const tina::Fired&, Context& ctx) {
  if (served == rides) {
    closed = {closed.times + 1, served, asked_again, stops};
    return to<Empty>();
  }
  bool made_one = false;
  for (Ride& ride : waiting) {
    if (ride.ride == 0) {
      if (made == rides || std::exchange(made_one, true)) continue;
      const std::uint32_t from = pick(FLOORS);
      const std::uint32_t further = 1 + pick(FLOORS - 1);
      ride = {++made, static_cast<std::uint8_t>(from),
              static_cast<std::uint8_t>((from + further) % FLOORS), ctx.now(), false};
      ask(ride, ctx);
    } else if (ride.refused ||
               ctx.now().ns - ride.asked.ns > static_cast<std::uint64_t>(kPatience_ns)) {
      ++asked_again;
      ask(ride, ctx);
    }
  }
  disturb(ctx);
  return stay();
}

Building::Then<Building::Stay<Building::Open>> Building::on_ended(in<Open>, const Ended& ended,
                                                                  Context&) {
  const auto ride = std::find_if(waiting.begin(), waiting.end(),
                                 [&](const Ride& r) { return r.ride == ended.ride; });
  if (ride == waiting.end()) return stay();  // asked twice, and served by both
  if (ended.served) {
    ++served;
    *ride = {};
  } else {
    ride->refused = true;  // asked again with the next beat
  }
  return stay();
}

std::uint32_t Building::pick(std::uint32_t below) {
  random = random * 6364136223846793005u + 1442695040888963407u;
  return static_cast<std::uint32_t>(random >> 33) % below;
}

void Building::ask(Ride& ride, Context& ctx) {
  const std::uint32_t cabin = pick(CABINS);
  ride.asked = ctx.now();
  ride.refused = false;
  const Press press{.ride = ride.ride, .from = ride.from, .to = ride.to};
  if (ctx.send(cabins[cabin], press) != tina::SendResult::kDead) return;
  const auto spawned = ctx.spawn(CabinInit{.number = cabin, .building = ctx.self()});
  if (!spawned.ok()) return;  // asked again when patience ends
  cabins[cabin] = spawned.ref;
  (void)ctx.send(cabins[cabin], press);
}

void Building::disturb(Context& ctx) {
  const tina::Ref<Cabin> cabin = cabins[pick(CABINS)];
  const std::uint32_t what = pick(100);
  if (what < 20) (void)ctx.send(cabin, Blocked{});
  if (what >= 98) {
    ++stops;
    (void)ctx.send(cabin, Stop{});
  }
  if (what >= 80 && what < 90) (void)ctx.send(cabin, Repaired{});
}

}  // namespace elevator
