// SPDX-License-Identifier: Apache-2.0
// Handlers of chat.tina's Room. Invariants: one seat per member; a line that finds no place with a
// subscriber is counted in its seat until one does.
#pragma once

#include <array>

#include "chat.tina.h"

namespace chat {

struct Room : RoomBase {
  struct Seat {
    tina::Ref<Member> member{};  ///< zeros: free
    tina::Subscriber<Chat> who{};
    std::uint32_t missed = 0;  ///< lines since the last one that found a place
    std::uint32_t dead = 0;    ///< lines to nobody
  };
  /// Somebody who waits for a seat.
  struct Waiting {
    tina::Token<Chat::Join> token;
    Chat::Join join;
  };

  std::array<Seat, SEATS> seats{};
  std::array<Waiting, 2> waiting{};  ///< the first one first
  std::uint64_t last = 0;
  std::uint32_t shed = 0;
  std::uint32_t waited = 0;   ///< who has got a seat later
  std::uint32_t removed = 0;  ///< who has lost a seat by ending

  InitResult on_init(RoomInit&&, Context&) { return ok(); }
  Effect on_chat_join(const Chat::Join&, tina::Token<Chat::Join>&&, Context&);
  Effect on_chat_say(const Chat::Say&, Context&);
  Effect on_chat_leave(const Chat::Leave&, Context&);
  Effect on_sys_down(const sys::Down&, Context&);
  Effect on_sys_shutdown(const sys::Shutdown&, Context&);

 private:
  /// Answers and gives the seat, unless nobody waits for the answer any more.
  bool admit(Seat& seat, tina::Token<Chat::Join>&& token, const Chat::Join& join, Context& ctx);
  void free(Seat& seat, Context& ctx);
};

}  // namespace chat
