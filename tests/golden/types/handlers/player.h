// SPDX-License-Identifier: Apache-2.0
// A player that says nothing. Uses each kind of type once, so that the compiler sees them used.
#pragma once

#include "types.tina.h"

namespace types {

struct Player : PlayerBase {
  PlayerName name;
  Hand hand;

  InitResult on_init(PlayerInit&& init, Context&) {
    name = init.name;
    hand = init.hand;
    return ok();
  }
  Effect on_deal(const Deal& deal, Context& context) {
    Deal next = deal;
    next.rights |= has(deal.rights, Rights::Own) ? Rights::Change : ~Rights::Read;
    next.move.set_played(ACE);
    if (next.move.tag() == Move::Tag::kPlayed) hand[0] = next.move.played();
    next.move = Move::make_said(tina::String<40>(deal.name.view()));
    next.table.dealer = name;
    const tina::SendResult sent = context.send(deal.players[0], next);
    if (sent != tina::SendResult::kQueued || deal.table == next.table) hand.clear();
    return receive();
  }
};

}  // namespace types
