// SPDX-License-Identifier: Apache-2.0
// Handlers of chat.tina's Member, which checks what it hears: each line once, in the room's order,
// and nothing left out but what it is told.
#pragma once

#include <array>

#include "chat.tina.h"

namespace chat {

struct Member : MemberBase {
  struct Heard {
    std::uint32_t lines = 0;
    std::uint32_t missed = 0;  ///< lines that the room could not leave with this member
    std::uint32_t gaps = 0;    ///< lines that are missing and that nobody spoke of
    std::uint32_t old = 0;     ///< lines of another room, or from before this member sat
    std::uint32_t wrong = 0;   ///< lines that must not be: twice, out of order, changed
  };

  tina::Ref<Room> room{};
  Heard heard;
  std::uint64_t last = 0;    ///< the line heard last
  std::uint64_t joined = 0;  ///< the line before this member sat
  std::uint32_t number = 0;
  std::uint32_t said = 0;
  std::uint32_t unsaid = 0;  ///< words that found no place in the room
  std::uint32_t turned_away = 0;
  std::uint32_t sessions = 0;
  /// What each number in the tree has said last, and in which life.
  std::array<tina::Ref<Member>, MEMBERS> speakers{};
  std::array<std::uint32_t, MEMBERS> words{};

  InitResult on_init(MemberInit&&, Context&);
  Then<Gone> on_sys_shutdown(in<Machine>, const sys::Shutdown&, Context&);
  Then<Outside> on_sys_down(in<Machine>, const sys::Down&, Context&);
  Entry<Joining> on_enter(in<Joining>, Context&);
  Then<Sitting> on_chat_join_reply(in<Joining>, const tina::Reply<Chat::Join>&, Context&);
  Then<Outside> on_chat_join_failed(in<Joining>, const tina::Failed<Chat::Join>&, Context&);
  Then<Outside> on_after(in<Sitting>, Context&);
  Then<Stay<Listening>> on_chat_said(in<Listening>, const Chat::Said&, Context&);
  Then<Stay<Listening>, Dozing> on_word(in<Listening>, const tina::Fired&, Context&);

 private:
  /// A word is its speaker's number and its own: `3:17`.
  void check_word(const Chat::Said& line);
};

}  // namespace chat
