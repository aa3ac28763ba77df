// SPDX-License-Identifier: Apache-2.0
// See room.h.
#include "room.h"

#include <algorithm>
#include <utility>

namespace chat {

Room::Effect Room::on_chat_join(const Chat::Join& join, tina::Token<Chat::Join>&& token,
                                Context& ctx) {
  // Who has left without a word that arrived sits where it sat.
  auto seat = std::ranges::find(seats, join.me, &Seat::member);
  if (seat == seats.end()) seat = std::ranges::find(seats, tina::Ref<Member>{}, &Seat::member);
  if (seat != seats.end()) {
    admit(*seat, std::move(token), join, ctx);
    return receive();
  }
  // Whoever has come first gives up first: if all places are taken, that one has.
  if (waiting.back().token) waiting.front() = std::move(waiting.back());
  Waiting& place = waiting.front().token ? waiting.back() : waiting.front();
  place.token = std::move(token);
  place.join = join;
  return receive();
}

Room::Effect Room::on_chat_say(const Chat::Say& say, Context& ctx) {
  Chat::Said line{.room = ctx.self(), .number = ++last, .from = say.from, .text = say.text};
  for (Seat& seat : seats) {
    if (seat.member == tina::Ref<Member>{}) continue;
    line.missed = seat.missed;
    switch (ctx.send(seat.who, line)) {
      case tina::SendResult::kQueued:
        seat.missed = 0;
        break;
      case tina::SendResult::kDead:
        ++seat.dead;
        break;
      case tina::SendResult::kFull:
      case tina::SendResult::kRingFull:
        ++seat.missed;
        ++shed;
        break;
    }
  }
  return receive();
}

Room::Effect Room::on_chat_leave(const Chat::Leave& leave, Context& ctx) {
  const auto seat = std::ranges::find(seats, leave.who, &Seat::member);
  if (seat == seats.end()) return receive();
  ctx.demonitor(leave.who);
  free(*seat, ctx);
  return receive();
}

Room::Effect Room::on_sys_down(const sys::Down& down, Context& ctx) {
  for (Seat& seat : seats) {
    if (!down.is(seat.member)) continue;
    ++removed;
    free(seat, ctx);
  }
  return receive();
}

Room::Effect Room::on_sys_shutdown(const sys::Shutdown&, Context& ctx) {
  ctx.log(tina::Level::kInfo, "closed", tina::Field{"lines", static_cast<std::int64_t>(last)},
          tina::Field{"shed", shed}, tina::Field{"waited", waited},
          tina::Field{"removed", removed});
  return done();
}

bool Room::admit(Seat& seat, tina::Token<Chat::Join>&& token, const Chat::Join& join,
                 Context& ctx) {
  const Chat::Join::Result welcome{.room = ctx.self(), .last = last};
  if (ctx.answer(std::move(token), welcome) != tina::AnswerResult::kAnswered) return false;
  const bool sat = seat.member == join.me;
  // A member that has ended meanwhile is watched for one Down, which frees the seat.
  if (!sat && ctx.monitor(join.me) != tina::MonitorResult::kWatching) return false;
  seat = {.member = join.me, .who = join.who};
  return true;
}

void Room::free(Seat& seat, Context& ctx) {
  seat = {};
  while (waiting.front().token) {
    Waiting next = std::move(waiting.front());
    waiting.front() = std::move(waiting.back());
    if (!admit(seat, std::move(next.token), next.join, ctx)) continue;
    ++waited;
    return;
  }
}

}  // namespace chat
