// SPDX-License-Identifier: Apache-2.0
// What must hold of the room and of its members in every pass, and what some run must show.
#pragma once

#include <algorithm>

#include "member.h"
#include "room.h"
#include "tina/sim.h"

namespace chat {

inline bool all_hear_the_same_order(const tina::sim::View& world) {
  bool holds = true;
  world.each<Member>([&](const Member& member) { holds = holds && member.heard.wrong == 0; });
  return holds;
}
inline bool nothing_is_missed_untold(const tina::sim::View& world) {
  bool holds = true;
  world.each<Member>([&](const Member& member) { holds = holds && member.heard.gaps == 0; });
  return holds;
}
inline bool nobody_sits_twice(const tina::sim::View& world) {
  bool holds = true;
  world.each<Room>([&](const Room& room) {
    for (const Room::Seat& seat : room.seats) {
      const auto same = std::ranges::count(room.seats, seat.member, &Room::Seat::member);
      holds = holds && (seat.member == tina::Ref<Member>{} || same == 1);
    }
  });
  return holds;
}
/// What was in the mailbox when the member ended is said to nobody; then its Down has come.
inline bool the_dead_lose_their_seat(const tina::sim::View& world) {
  bool holds = true;
  world.each<Room>([&](const Room& room) {
    for (const Room::Seat& seat : room.seats) holds = holds && seat.dead <= 16;
  });
  return holds;
}
inline bool somebody_misses_something(const tina::sim::View& world) {
  bool holds = false;
  world.each<Member>([&](const Member& member) { holds = holds || member.heard.missed > 0; });
  return holds;
}
inline bool somebody_waits_for_a_seat(const tina::sim::View& world) {
  bool holds = false;
  world.each<Room>([&](const Room& room) { holds = holds || room.waited > 0; });
  return holds;
}
inline bool somebody_leaves_by_dying(const tina::sim::View& world) {
  bool holds = false;
  world.each<Room>([&](const Room& room) { holds = holds || room.removed > 0; });
  return holds;
}
/// A member that has heard one room hears another.
inline bool the_room_comes_again(const tina::sim::View& world) {
  bool holds = false;
  world.each<Member>([&](const Member& member) {
    holds = holds || (world.crashed<Room>() > 0 && member.sessions > 1 && member.last > 1);
  });
  return holds;
}
inline bool all_have_heard_something(const tina::sim::View& world) {
  bool holds = true;
  world.each<Member>([&](const Member& member) { holds = holds && member.heard.lines > 0; });
  return holds;
}

}  // namespace chat
