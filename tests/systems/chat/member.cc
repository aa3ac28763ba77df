// SPDX-License-Identifier: Apache-2.0
// See member.h.
#include "member.h"

#include <charconv>

namespace chat {
namespace {

void append(Line& text, std::uint32_t number) {
  std::array<char, 10> digits{};
  const char* const end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  text.append({digits.begin(), end});
}

}  // namespace

Member::InitResult Member::on_init(MemberInit&& init, Context&) {
  number = init.number;
  return ok();
}

Member::Then<Member::Gone> Member::on_sys_shutdown(in<Machine>, const sys::Shutdown&,
                                                   Context& ctx) {
  ctx.log(tina::Level::kInfo, "heard", tina::Field{"lines", heard.lines},
          tina::Field{"missed", heard.missed}, tina::Field{"gaps", heard.gaps},
          tina::Field{"wrong", heard.wrong});
  return to<Gone>();
}

Member::Then<Member::Outside> Member::on_sys_down(in<Machine>, const sys::Down& down, Context&) {
  if (!down.is(room)) ++heard.wrong;
  room = {};
  return to<Outside>();
}

Member::Entry<Member::Joining> Member::on_enter(in<Joining>, Context& ctx) {
  // The hall is on the first shard, in both systems.
  const auto hall = ctx.child<Hall::room>(tina::ShardId{0});
  return start(call(chat.join(hall, ctx.self(), ctx.self())));
}

Member::Then<Member::Sitting> Member::on_chat_join_reply(in<Joining>,
                                                         const tina::Reply<Chat::Join>& reply,
                                                         Context& ctx) {
  room = reply.result.room;
  joined = last = reply.result.last;
  ++sessions;
  if (ctx.monitor(room) != tina::MonitorResult::kWatching) return crash("cannot watch the room");
  return to<Sitting>();
}

Member::Then<Member::Outside> Member::on_chat_join_failed(in<Joining>,
                                                          const tina::Failed<Chat::Join>&,
                                                          Context&) {
  ++turned_away;
  return to<Outside>();
}

Member::Then<Member::Outside> Member::on_after(in<Sitting>, Context& ctx) {
  ctx.demonitor(room);
  // The room finds the seat taken when a member comes again that has left without a word.
  if (sessions % 3 != 0) {
    unsaid += ctx.send(room, Chat::Leave{.who = ctx.self()}) != tina::SendResult::kQueued;
  }
  room = {};
  return to<Outside>();
}

Member::Then<Member::Stay<Member::Listening>> Member::on_chat_said(in<Listening>,
                                                                   const Chat::Said& line,
                                                                   Context&) {
  if (line.room != room || line.number <= joined) {
    ++heard.old;
    return stay();
  }
  const std::uint64_t due = last + 1 + line.missed;
  if (line.number < due) ++heard.wrong;
  if (line.number > due) heard.gaps += static_cast<std::uint32_t>(line.number - due);
  last = line.number;
  heard.missed += line.missed;
  ++heard.lines;
  check_word(line);
  return stay();
}

Member::Then<Member::Stay<Member::Listening>, Member::Dozing> Member::on_word(in<Listening>,
                                                                              const tina::Fired&,
                                                                              Context& ctx) {
  Line text;
  append(text, number);
  text.append(":");
  append(text, ++said);
  const Chat::Say word{.from = ctx.self(), .text = text};
  unsaid += ctx.send(room, word) != tina::SendResult::kQueued;
  // Some doze now and then, the first one never.
  if (number > 0 && said % (10 + number) == 0) return to<Dozing>();
  return stay();
}

void Member::check_word(const Chat::Said& line) {
  const std::string_view text = line.text.view();
  std::uint32_t speaker = MEMBERS;
  std::uint32_t word = 0;
  const auto [colon, error] = std::from_chars(text.begin(), text.end(), speaker);
  const bool good = error == std::errc{} && colon != text.end() && *colon == ':' &&
                    std::from_chars(colon + 1, text.end(), word).ptr == text.end() &&
                    speaker < MEMBERS;
  if (!good) {
    ++heard.wrong;
    return;
  }
  if (speakers[speaker] == line.from && word <= words[speaker]) ++heard.wrong;
  speakers[speaker] = line.from;
  words[speaker] = word;
}

}  // namespace chat
